import type { Block } from '../domain/block.ts'
import type { ShownBlock } from '../domain/conversation.ts'
import type { Fact } from '../domain/fact.ts'
import type { RecallExtract } from './recall-text.ts'
import { quoteAsData } from '../memory/quote.ts'
import { factChanges, instructionsFor } from './known-facts.ts'

/** What a tail item may say. */
export interface TailSources {
  /** The agent's blocks as stored now. */
  readonly blocks: readonly Block[]
  /** What the model was last shown of each block. */
  readonly shown: Readonly<Record<string, ShownBlock>>
  /** What holds now of the agent's facts. */
  readonly facts: readonly Fact[]
  /** What the model was last shown of them, by slot. */
  readonly shownFacts: Readonly<Record<string, string>>
  /** What the user says in this turn. */
  readonly input: string
  /** Messages that have left the view with this step; 0 = none. */
  readonly droppedMessages: number
  /** When the conversation was last active; null = this is its beginning. */
  readonly lastActivityAt: number | null
  /** When the model last saw how late it is in this turn; null = not yet. */
  readonly lastSignAt: number | null
  readonly timezone: string
  readonly now: number
}

/** A gap worth telling the model about, in milliseconds. */
const notableGap = 60 * 60 * 1000

/**
 * The text placed before a new user message: the time, what changed since the model last looked, and what was looked up for
 * what the user says.
 */
export function renderTurnTail(sources: TailSources, recall: RecallExtract | null = null): string {
  const update = wrap([
    timeLine(sources),
    ...(sources.droppedMessages > 0 ? [droppedLine(sources.droppedMessages)] : []),
    ...memoryChangeLines(sources),
    ...changesOfFacts(sources).lines,
    ...instructionLines(sources),
  ])
  return recall === null ? update : `${update}\n${recall.text}`
}

/**
 * The text added to a tool result when memory changed elsewhere while the turn runs, when parts of the view were left
 * out, or when the model was last here long ago; null when none of it happened.
 */
export function renderStepTail(sources: TailSources): string | null {
  const lines = [
    ...absenceLines(sources),
    ...(sources.droppedMessages > 0 ? [droppedLine(sources.droppedMessages)] : []),
    ...memoryChangeLines(sources),
    ...changesOfFacts(sources).lines,
  ]
  return lines.length === 0 ? null : wrap(lines)
}

/** The identifiers of the blocks and facts that a tail made from `sources` speaks of. */
export function tailSourceIds(sources: TailSources, isFirst: boolean): readonly string[] {
  const { ids } = changesOfFacts(sources)
  const instructions = isFirst ? instructionsFor(sources.facts, sources.input) : []
  const facts = [...ids, ...instructions.map(({ id }) => id)]
  return [...changedBlockIds(sources), ...new Set(facts)]
}

function changedBlockIds(sources: Pick<TailSources, 'blocks' | 'shown'>): readonly string[] {
  const present = new Set(sources.blocks.map((block) => block.id))
  const detached = Object.keys(sources.shown).filter((id) => !present.has(id))
  return [...changedBlocks(sources).map((block) => block.id), ...detached]
}

function changesOfFacts(
  sources: Pick<TailSources, 'facts' | 'shownFacts' | 'timezone'>,
): ReturnType<typeof factChanges> {
  return factChanges(sources.facts, sources.shownFacts, sources.timezone)
}

/** Instructions are in the prefix, far away; those that a message is likely about are said again beside it. */
function instructionLines({ facts, input }: TailSources): readonly string[] {
  const likely = instructionsFor(facts, input)
  if (likely.length === 0) return []
  return [
    'Standing instructions that may apply now:',
    ...likely.map(({ value }) => `- ${quoteAsData(value)}`),
  ]
}

function wrap(lines: readonly string[]): string {
  return ['<context_update>', ...lines, '</context_update>'].join('\n')
}

function timeLine({ now, lastActivityAt, timezone }: TailSources): string {
  const line = `Now: ${formatTime(now, timezone)}`
  if (lastActivityAt === null || now - lastActivityAt < notableGap) return line
  return `${line}. Last activity here: ${formatTime(lastActivityAt, timezone)} (${formatGap(now - lastActivityAt)} ago)`
}

/** After a pause, an outage or an answer that took its time the model has to know that time has passed. */
function absenceLines({ now, lastSignAt, timezone }: TailSources): readonly string[] {
  if (lastSignAt === null || now - lastSignAt < notableGap) return []
  const gap = formatGap(now - lastSignAt)
  return [`Now: ${formatTime(now, timezone)}. You were last here ${gap} ago.`]
}

function droppedLine(count: number): string {
  return `${count} earlier messages of this conversation are no longer shown. They are stored; conversation_search finds them.`
}

function memoryChangeLines(sources: Pick<TailSources, 'blocks' | 'shown'>): readonly string[] {
  const present = new Set(sources.blocks.map((block) => block.id))
  const lines = changedBlocks(sources).flatMap((block) => [
    `Memory block "${quoteAsData(block.label)}" is now:`,
    '<value>',
    quoteAsData(block.value),
    '</value>',
  ])
  for (const [id, { label }] of Object.entries(sources.shown)) {
    if (!present.has(id)) lines.push(`Memory block "${quoteAsData(label)}" was detached from you.`)
  }
  return lines
}

function changedBlocks({ blocks, shown }: Pick<TailSources, 'blocks' | 'shown'>): readonly Block[] {
  return blocks.filter((block) => {
    const seen = shown[block.id]
    return seen === undefined || seen.version !== block.version || seen.label !== block.label
  })
}

/** Like `Sun, 22 Nov 2026, 21:14 UTC`. */
function formatTime(time: number, timezone: string): string {
  if (timezone === 'UTC') return formatUtc(time)
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(time)
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec'.split(' ')

/** The same without `Intl`, whose first use costs 10 ms and 10 MB. */
function formatUtc(time: number): string {
  const date = new Date(time)
  const day = `${weekdays[date.getUTCDay()]}, ${date.getUTCDate()}`
  const month = `${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`
  return `${day} ${month}, ${date.toISOString().slice(11, 16)} UTC`
}

function formatGap(milliseconds: number): string {
  const hours = Math.round(milliseconds / (60 * 60 * 1000))
  if (hours < 48) return `${hours} hour${hours === 1 ? '' : 's'}`
  return `${Math.round(hours / 24)} days`
}
