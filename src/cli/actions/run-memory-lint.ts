import type { MemoryLint } from '../../../sdk/src/index.ts'
import { toOneLine } from '../chat/terminal-text.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { tellConsolidation, tellUnread } from './run-consolidate.ts'
import { printJson, printLines, toColumns } from './print.ts'

/** What `letta memory lint` was asked. */
export interface LintOptions {
  readonly agent: string | undefined
  /** Tidy what can be tidied without loss. */
  readonly fix: boolean
  readonly json: boolean
}

/** Shows what may be wrong with an agent's memory, and tidies it when asked to. */
export async function lintMemory(context: CliContext, options: LintOptions): Promise<void> {
  await withClient(context, async ({ client }) => {
    const { id: agentId } = await chooseAgent({ client, agent: options.agent })
    const found = await client.memory(agentId).lint()
    const fixed = options.fix
      ? await client.memory(agentId).consolidate({ withModel: false })
      : null
    if (options.json) {
      printJson(context, { ...found, fixed })
      return
    }
    printLines(context, toColumns(found.findings.map((finding) => toRow(finding))))
    context.stderr.write(`${[summarise(found), ...tellUnread(found)].join(' ')}\n`)
    if (fixed !== null) printLines(context, tellConsolidation(fixed))
  })
}

function toRow({ flaw, label, item_id: id, text, why }: MemoryLint['findings'][number]): string[] {
  return [flaw, label ?? id, toOneLine(text, 60), why]
}

function summarise({ texts, counts, findings }: MemoryLint): string {
  if (texts === 0) return 'There is nothing in memory yet.'
  if (findings.length === 0) return `${texts === 1 ? '1 text' : `${texts} texts`}, nothing to mend.`
  const share = (count: number): string => `${count} (${Math.round((100 * count) / texts)} %)`
  const parts = [
    `${share(counts.duplicate)} repeated`,
    `${share(counts.junk)} junk`,
    `${share(counts.stale)} stale`,
    `${share(counts.undated)} undated`,
  ]
  const full = counts.full === 0 ? '' : `; ${counts.full} blocks are full`
  return `${texts} texts: ${parts.join(', ')}${full}.`
}
