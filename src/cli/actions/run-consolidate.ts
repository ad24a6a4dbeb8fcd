import type { ConsolidationPolicy, MemoryConsolidation } from '../../../sdk/src/index.ts'
import { toOneLine } from '../chat/terminal-text.ts'
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { withClient } from '../session/open-client.ts'
import { chooseAgent } from '../session/open-session.ts'
import { printJson, printLines } from './print.ts'

/** What `letta memory consolidate` was asked. */
export interface ConsolidateOptions {
  readonly agent: string | undefined
  readonly dryRun: boolean
  /** Tidy by itself after so many turns. */
  readonly every: number | undefined
  /** Tidy by itself after so many minutes without a turn. */
  readonly idle: number | undefined
  /** Not by itself any more. */
  readonly off: boolean
  readonly json: boolean
}

/** Tidies an agent's memory now, or says when it is to be tidied by itself. */
export async function consolidateMemory(
  context: CliContext,
  options: ConsolidateOptions,
): Promise<void> {
  const { every, idle, off, dryRun, json } = options
  const isSchedule = every !== undefined || idle !== undefined
  if ((isSchedule && off) || ((isSchedule || off) && dryRun)) {
    throw new CliError(
      'Cannot consolidate: these options exclude each other. Give --every and --idle, or --off, or --dry-run.',
    )
  }
  await withClient(context, async ({ client }) => {
    const { id } = await chooseAgent({ client, agent: options.agent })
    const memory = client.memory(id)
    if (isSchedule || off) {
      const wanted = { every_turns: every ?? null, after_idle_minutes: idle ?? null }
      const policy = await memory.setConsolidation(wanted)
      if (json) printJson(context, policy)
      else printLines(context, [tellPolicy(policy)])
      return
    }
    const done = await memory.consolidate({ dryRun })
    if (json) {
      printJson(context, done)
      return
    }
    printLines(context, tellConsolidation(done))
    context.stderr.write(`${summarise(done)} ${tellPolicy(await memory.consolidation())}\n`)
  })
}

/** What was changed, proposed, or would be, on a line each. */
export function tellConsolidation({
  dry_run: isPreview,
  found,
  changes,
  proposals,
}: MemoryConsolidation): readonly string[] {
  if (isPreview) return found.flatMap(({ notes }) => notes.map((note) => toOneLine(note, 160)))
  return [
    ...changes.map(({ id, kind, text }) => `${kind}: ${toOneLine(text, 100)}  [undo ${id}]`),
    ...proposals.map(
      ({ id, notes }) => `to review: ${toOneLine(notes.join('; '), 100)}  [review ${id}]`,
    ),
  ]
}

function summarise({
  found,
  changes,
  proposals,
  skipped,
  dry_run: isPreview,
}: MemoryConsolidation): string {
  if (found.length === 0) return 'Memory is tidy.'
  const left =
    skipped === 0 ? '' : ` ${skipped} left alone, as they were taken back or rejected before.`
  if (isPreview) return `${found.length} to tidy; nothing was changed.`
  if (proposals.length > 0) return `${proposals.length} wait for your review.${left}`
  return `${changes.length === 1 ? '1 change' : `${changes.length} changes`}.${left}`
}

function tellPolicy({
  every_turns: turns,
  after_idle_minutes: minutes,
}: ConsolidationPolicy): string {
  const when = [
    ...(turns === null ? [] : [`after every ${turns} turns`]),
    ...(minutes === null ? [] : [`after ${minutes} minutes without a turn`]),
  ]
  if (when.length === 0) return 'It is not tidied by itself.'
  return `A server tidies it by itself ${when.join(' and ')}.`
}
