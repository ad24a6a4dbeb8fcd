import { summaryOf, type Message, type SummaryPart } from '../../domain/message.ts'
import type { StoredTextRow } from '../../storage/contract/forget-store.ts'
import { textIn, type TextSource } from './forget-plan.ts'
import { toMessage } from './row-words.ts'

/** What a summary is written anew from. */
export interface SummarySources {
  /** What it said so far. */
  readonly former: SummaryPart
  /** The summary that it took up, unless that is written anew, too; null = none. */
  readonly earlier: SummaryPart | null
  /** The messages it stands for, as far as they stay and as they will be, in order. */
  readonly messages: readonly Pick<Message, 'role' | 'content' | 'createdAt'>[]
}

/** Writes a summary without a model. */
export type WriteSummary = (sources: SummarySources) => string

/** What a plan does to messages. */
export interface ChangedMessages {
  readonly removed: ReadonlySet<string>
  /** Those that lose words, and summaries that were asked for. */
  readonly changed: ReadonlySet<string>
  /** Rows as they will be, by id. */
  readonly rewritten: ReadonlyMap<string, StoredTextRow>
}

/**
 * Writes the summaries anew that stand for a message that goes or loses words, or for another such summary: they may say the
 * same in other words. Returns the new content by id.
 */
export async function deriveSummaries(
  source: TextSource,
  messages: ChangedMessages,
  write: WriteSummary,
): Promise<ReadonlyMap<string, string>> {
  const coveredBy = await readSources(source)
  const derived = findDerived(coveredBy, messages)
  if (derived.size === 0) return new Map()
  const wanted = new Set([...derived].flatMap((id) => coveredBy.get(id) ?? []))
  const rows = new Map<string, StoredTextRow>()
  for await (const row of source.rows('messages')) {
    const id = textIn(row, 'id')
    if (derived.has(id) || wanted.has(id)) rows.set(id, messages.rewritten.get(id) ?? row)
  }
  const contents = new Map<string, string>()
  for (const id of derived) {
    const former = summaryIn(rows.get(id))
    if (former === null || messages.removed.has(id)) continue
    const covered = (coveredBy.get(id) ?? []).filter((each) => !messages.removed.has(each))
    const earlierId = covered.find(
      (each) => !derived.has(each) && summaryIn(rows.get(each)) !== null,
    )
    const text = write({
      former,
      earlier: earlierId === undefined ? null : summaryIn(rows.get(earlierId)),
      messages: covered.flatMap((each) => {
        const row = rows.get(each)
        return row === undefined ? [] : [toMessage(row)]
      }),
    })
    const facts = {
      ...former.facts,
      method: 'digest',
      model: null,
      reason: 'something it stood for was forgotten',
      covered: covered.length,
    }
    contents.set(id, JSON.stringify([{ ...former, text, facts }]))
  }
  return contents
}

/** The messages that each summary stands for, in order. */
async function readSources(source: TextSource): Promise<ReadonlyMap<string, readonly string[]>> {
  const coveredBy = new Map<string, string[]>()
  for await (const row of source.rows('summary_sources')) {
    const id = textIn(row, 'summary_id')
    const known = coveredBy.get(id)
    if (known === undefined) coveredBy.set(id, [textIn(row, 'message_id')])
    else known.push(textIn(row, 'message_id'))
  }
  return coveredBy
}

/** The summaries of what changes, and those that took such summaries up. */
function findDerived(
  coveredBy: ReadonlyMap<string, readonly string[]>,
  { removed, changed }: ChangedMessages,
): ReadonlySet<string> {
  const derived = new Set([...changed].filter((id) => coveredBy.has(id)))
  for (let size = -1; size !== derived.size;) {
    size = derived.size
    for (const [id, covered] of coveredBy) {
      if (covered.some((each) => removed.has(each) || changed.has(each) || derived.has(each))) {
        derived.add(id)
      }
    }
  }
  return derived
}

function summaryIn(row: StoredTextRow | undefined): SummaryPart | null {
  if (row === undefined) return null
  return summaryOf(toMessage(row))
}
