import type { ContextOverview, SentContext } from '../../../sdk/src/index.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { openSession } from '../session/open-session.ts'
import { counted, printJson, printLines, shortTime, toColumns } from './print.ts'

/** What `letta context` was asked. */
export interface ContextOptions {
  readonly agent: string | undefined
  /** The last request instead of the next one. */
  readonly sent: boolean
  readonly json: boolean
}

/** Shows what fills the window of this folder's conversation. */
export async function runContext(context: CliContext, options: ContextOptions): Promise<void> {
  await withClient(context, async (open) => {
    const place = { ...open, agent: options.agent, folder: context.folder }
    const { client, agent, conversationId } = await openSession(place)
    const where = { agentId: agent.id, conversationId }
    if (options.sent) {
      const sent = await client.sentContext(where)
      if (options.json) printJson(context, sent)
      else printLines(context, renderSent(sent))
      return
    }
    const overview = await client.context(where)
    if (options.json) printJson(context, overview)
    else printLines(context, renderContext(overview))
  })
}

/** An overview as lines for people: what takes how much of the window. */
export function renderContext(overview: ContextOverview): readonly string[] {
  const free =
    overview.context_window_size_max -
    overview.context_window_size_current -
    overview.reserved_tokens
  const rows: readonly (readonly [name: string, tokens: number])[] = [
    ['instructions', overview.num_tokens_system],
    ['memory blocks', overview.num_tokens_core_memory],
    ['about memory', overview.num_tokens_external_memory_summary],
    ['tools', overview.num_tokens_functions_definitions],
    ['summary', overview.num_tokens_summary_memory],
    [counted(overview.num_messages, 'message'), overview.num_tokens_messages],
    ['kept for the answer', overview.reserved_tokens],
    ['free', Math.max(0, free)],
  ]
  const percent = (tokens: number): string =>
    `${((tokens / Math.max(1, overview.context_window_size_max)) * 100).toFixed(1)} %`
  return [
    `${overview.model}, a window of ${overview.context_window_size_max} tokens (${describeCount(overview)}):`,
    ...toColumns(
      rows.map(([name, tokens]) => [
        `  ${name}`,
        String(tokens).padStart(7),
        percent(tokens).padStart(7),
      ]),
    ),
    `Stored: ${counted(overview.num_recall_memory, 'message')} in all, ${counted(overview.num_archival_memory, 'text')} in the archive.`,
  ]
}

function describeCount({ token_factor: factor }: ContextOverview): string {
  return factor === 1
    ? 'estimates'
    : `estimates × ${factor.toFixed(2)}, as the provider has counted`
}

/** The last request as lines for people. */
export function renderSent(sent: SentContext): readonly string[] {
  const { tokens, common_prefix: common, recall } = sent
  const shown = (recall ?? []).filter(({ verdict }) => verdict === 'shown')
  return [
    `Sent ${shortTime(sent.sent_at)}, ${sent.step_id}: ${tokens.total} tokens, ${sent.bytes} bytes, ${sent.messages.length} messages.`,
    `  system ${tokens.system}, tools ${tokens.tools}, summary ${tokens.summary}, messages ${tokens.messages}`,
    ...(sent.exact ? [] : ['  Parts of it are not stored any more; what is shown is not exact.']),
    common === null
      ? 'It was the first.'
      : `It shares ${(common.share * 100).toFixed(1)} % (${common.bytes} bytes) with the one before${common.reason === null ? '.' : `: ${common.reason}.`}`,
    recall === null
      ? 'Nothing was looked up: all is in view, or the turn had begun.'
      : `Looked up: ${recall.length} found, ${shown.length} shown.`,
    ...(recall ?? []).map(
      ({ id, verdict, coverage }) => `  ${verdict.padEnd(12)}  ${coverage.toFixed(2)}  ${id}`,
    ),
  ]
}
