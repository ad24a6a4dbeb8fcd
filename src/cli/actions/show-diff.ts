import {
  type AgentMemory,
  type ItemDiff,
  LettaError,
  type MemoryDiff,
  type MemoryProposalDiff,
} from '../../../sdk/src/index.ts'
import { toOneLine, toTerminalText } from '../chat/terminal-text.ts'
import type { CliContext } from '../context.ts'
import { shortTime } from './print.ts'
import { type MemoryCommandOptions, withMemory } from './run-memory-history.ts'

/** How much of a field, such as a description, is shown, in characters. */
const fieldLength = 200

/** Shows a change, or an edit that waits for a review or did, line by line, with who made it and why. */
export async function showDiff(
  context: CliContext,
  options: MemoryCommandOptions & { readonly change: string },
): Promise<void> {
  await withMemory(context, options, async (memory) => {
    const found = await readDiff(memory, options.change)
    if (options.json) return found
    return 'obstacle' in found ? proposalLines(found) : changeLines(found)
  })
}

/** Changes and proposals share their names: what is not the one may be the other. */
async function readDiff(memory: AgentMemory, id: string): Promise<MemoryDiff | MemoryProposalDiff> {
  try {
    return await memory.diff(id)
  } catch (unknownChange) {
    if (!isNotFound(unknownChange)) throw unknownChange
    try {
      return await memory.proposal(id)
    } catch (error) {
      throw isNotFound(error) ? unknownChange : error
    }
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof LettaError && error.code === 'not_found'
}

function changeLines(diff: MemoryDiff): readonly string[] {
  const { id, label, actor, reason, created_at: time } = diff
  return [
    `${id}  ${shortTime(time)}  ${label ?? 'archive'}  by ${actor.kind} (${reason})`,
    ...sourceLines(diff),
    ...itemLines(diff),
  ]
}

function proposalLines(proposal: MemoryProposalDiff): readonly string[] {
  const { id, state, reason, created_at: time, obstacle, changes } = proposal
  const waits = state === 'open' ? 'waits for your review' : state
  return [
    `${id}  ${shortTime(time)}  ${waits} (${reason})`,
    ...sourceLines(proposal),
    ...(obstacle === null ? [] : [obstacle]),
    ...changes.flatMap((change) => [
      `${change.action} ${subjectText(change)}`,
      ...itemLines(change),
    ]),
  ]
}

function subjectText(change: MemoryProposalDiff['changes'][number]): string {
  const { subject, label, item_id: itemId } = change
  if (label !== null) return `${subject} ${toOneLine(label, fieldLength)}`
  return itemId ?? subject
}

function sourceLines({
  source_message_ids: sources,
}: Pick<MemoryDiff, 'source_message_ids'>): readonly string[] {
  return sources.map((source) => `from ${source}`)
}

function itemLines({ lines, fields }: ItemDiff): readonly string[] {
  return [
    ...fields.map(
      ({ field, before, after }) => `${field}: ${fieldText(before)} → ${fieldText(after)}`,
    ),
    ...lines.map(({ sign, text }) => `${sign} ${toTerminalText(text)}`),
  ]
}

function fieldText(value: string | null): string {
  return value === null ? '(none)' : toOneLine(value, fieldLength)
}
