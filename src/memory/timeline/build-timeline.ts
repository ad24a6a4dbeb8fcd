import { factText } from '../../domain/fact.ts'
import type { Origin } from '../../domain/archive.ts'
import type { SearchAnswer } from '../../domain/search.ts'
import type { AgentSearch } from '../search/agent-search.ts'
import { searchableText } from '../search/search-entry.ts'
import { eventTime } from './resolve-date.ts'

/** Something that happened, was said, or became true. */
export interface TimelineEntry {
  readonly kind: 'message' | 'passage' | 'fact'
  readonly id: string
  readonly text: string
  /** When it happened, in epoch milliseconds; see `eventTime`. */
  readonly at: number
  /** The words the time was read from; null = it is when it was said or stored. */
  readonly phrase: string | null
  /** When it was said or stored. */
  readonly saidAt: number
  /** Of a message: who said it. */
  readonly role: string | null
  /** Of a text or fact: where it comes from. */
  readonly origin: Origin | null
}

/** What to put in order. */
export interface TimelineQuery {
  /** Words that entries have to be about; blank = everything. */
  readonly text: string
  /** Only what happened not before, in epoch milliseconds, inclusive; null = open. */
  readonly from: number | null
  /** Not after, inclusive; null = open. */
  readonly until: number | null
  /** Whether the newest comes first. */
  readonly newestFirst: boolean
  readonly excludeIds: readonly string[]
  readonly limit: number
  readonly offset: number
}

/** Part of a timeline. */
export interface Timeline {
  readonly entries: readonly TimelineEntry[]
  readonly hasMore: boolean
  /**
   * Whether there is more of a kind than was put in order. With a range and without words, more that was said or stored in it:
   * of what was said at other times only the newest is looked through for its dates.
   */
  readonly isCut: boolean
  /** Why it is empty; null when it is not. */
  readonly reason: string | null
}

/** How many of each kind are put in order. */
const mostOfEach = 300
/** What part of the best coverage an entry needs. */
const leastShare = 0.5

/** What is stored of something in the order in which it happened, whatever it is worded like. */
export async function buildTimeline(
  search: AgentSearch,
  query: TimelineQuery,
  timezone: string,
): Promise<Timeline> {
  const { text, from, until } = query
  const isBlank = text.trim() === ''
  const isOpen = from === null && until === null
  // What was said at another time may tell of this one, which no index knows; and what was said then tells of it most often.
  const [anyTime, facts, inRange = anyTime] = await Promise.all([
    findTold(search, query, { from: null, until: null }),
    search.facts({
      text,
      kind: 'fact',
      validAt: null,
      knownAt: null,
      from,
      until,
      limit: mostOfEach,
    }),
    ...(isOpen ? [] : [findTold(search, query, { from, until })]),
  ])
  const answers = [...anyTime.answers, ...inRange.answers, facts]
  const best = Math.max(0, ...answers.flatMap(coverages))
  const isAbout = ({ coverage }: { readonly coverage: number }): boolean =>
    isBlank || coverage >= leastShare * best
  const told = new Map(
    [...anyTime.found, ...inRange.found]
      .filter(isAbout)
      .map(({ entry }) => [
        entry.id,
        { ...entry, ...eventTime(entry.text, { ...entry, timezone }) },
      ]),
  )
  const known = facts.hits.filter(isAbout).map(({ item }): TimelineEntry => ({
    kind: 'fact',
    id: item.id,
    text: factText(item),
    at: item.validFrom,
    phrase: null,
    saidAt: item.recordedAt,
    role: null,
    origin: item.origin,
  }))
  const counted = isBlank ? [...inRange.answers, facts] : answers
  return toPage([...told.values(), ...known], query, {
    isCut: counted.some(({ hasMore }) => hasMore),
    reason: anyTime.answers[0].reason ?? 'Nothing stored is about it.',
  })
}

/** What was said and stored in a time, and how well it covers the words. */
async function findTold(
  search: AgentSearch,
  { text, excludeIds }: TimelineQuery,
  range: Pick<TimelineQuery, 'from' | 'until'>,
) {
  const all = { ...range, limit: mostOfEach } as const
  const [messages, passages] = await Promise.all([
    search.messages({
      ...all,
      text: text.trim() === '' ? null : text,
      roles: ['user', 'assistant'],
      excludeIds,
    }),
    search.passages({ ...all, text, tags: [], tagMatch: 'any' }),
  ])
  const found = [
    ...messages.hits.map(({ item, coverage }) => ({
      coverage,
      entry: {
        kind: 'message' as const,
        id: item.id,
        text: searchableText(item),
        saidAt: item.createdAt,
        role: item.role,
        origin: null,
      },
    })),
    ...passages.hits.map(({ item, coverage }) => ({
      coverage,
      entry: {
        kind: 'passage' as const,
        id: item.id,
        text: item.text,
        saidAt: item.createdAt,
        role: null,
        origin: item.origin,
      },
    })),
  ]
  return { found, answers: [messages, passages] as const }
}

function coverages({ hits }: SearchAnswer<unknown>): readonly number[] {
  return hits.map(({ coverage }) => coverage)
}

function toPage(
  entries: readonly TimelineEntry[],
  { from, until, newestFirst, limit, offset }: TimelineQuery,
  { isCut, reason }: Pick<Timeline, 'isCut' | 'reason'>,
): Timeline {
  const inRange = entries.filter(
    ({ at }) => (from === null || at >= from) && (until === null || at <= until),
  )
  const sign = newestFirst ? -1 : 1
  const sorted = inRange.toSorted(
    (left, right) =>
      sign * (left.at - right.at || left.saidAt - right.saidAt) || (left.id < right.id ? -1 : 1),
  )
  const shown = sorted.slice(offset, offset + limit)
  const beyond =
    sorted.length === 1 ? 'There is only 1 entry.' : `There are only ${sorted.length} entries.`
  const none = entries.length > 0 ? 'Nothing of it happened in the time asked for.' : reason
  return {
    entries: shown,
    hasMore: sorted.length > offset + limit,
    isCut,
    reason: shown.length > 0 ? null : sorted.length > 0 ? beyond : none,
  }
}
