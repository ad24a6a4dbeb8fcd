import type { RecallCandidate } from '../context/recall-text.ts'
import type { Message } from '../domain/message.ts'
import type { RecallVerdict } from '../domain/prompt-trace.ts'
import type { SearchAnswer } from '../domain/search.ts'
import { analyse } from '../memory/analysis/analyse.ts'
import { searchConstants } from '../memory/search/search-constants.ts'
import { searchableText } from '../memory/search/search-entry.ts'

/** What a hit must reach of the best one of its kind; what was said later needs the score only. */
const leastScore = 0.3
const leastCoverageShare = 0.6

/** So many of the first in rank are shown with what matches well. */
const leading = 3

/** The most that is shown. */
const mostShown = 8

/** The part of its words that a text must have beside those of what the user says: else it tells nothing. */
const leastNovelty = 0.25

/** Why something that is found need not be shown, by id. */
export type SeenIds = ReadonlyMap<string, 'in-view' | 'shown-before'>

/** A hit, and whether it is worth showing. */
export interface JudgedHit {
  readonly kind: RecallVerdict['kind']
  readonly candidate: RecallCandidate
  readonly score: number
  readonly coverage: number
  /** Whether it covers nearly as much of the words as the best one; the others have what room these leave. */
  readonly isClose: boolean
  /** Why it is not worth showing; null = it is. */
  readonly verdict: Verdict | null
}

/** Why a hit is not worth showing. */
type Verdict = Exclude<RecallVerdict['verdict'], 'shown' | 'no-room'>

/** Says why a text need not be shown, whatever its rank; null = no reason. */
export type Judge = (candidate: RecallCandidate) => Verdict | null

/** Judges texts by what the user said and what the model sees anyway. */
export function createJudge(query: string, seen: SeenIds): Judge {
  const asked = new Set(analyse(query))
  return ({ id, text }) => {
    const known = seen.get(id)
    if (known !== undefined) return known
    const words = new Set(analyse(text))
    const fresh = words.difference(asked).size
    return fresh < words.size * leastNovelty ? 'not-new' : null
  }
}

/** What is found of one kind, and how it is shown. */
export interface JudgedKind<Item> {
  readonly kind: RecallVerdict['kind']
  /** Whether it may not be shown until a person approves it. Default: it may. */
  isHeldBack?(item: Item): boolean
  toCandidate(item: Item): RecallCandidate
}

/** Messages, as what was said by whom. */
export const judgedMessages: JudgedKind<Message> = {
  kind: 'message',
  toCandidate: (message) => ({
    id: message.id,
    speaker: message.name ?? message.role,
    text: searchableText(message),
    createdAt: message.createdAt,
  }),
}

/**
 * Hits with the verdict whether they are worth showing. One at least has to match well; then those that do so nearly as well, and those
 * that were said later, which may have taken it back, in fewer of the words; and the first in rank, whose own words may be few
 * where the talk around them tells what they are about.
 */
export function judge<Item>(
  answer: SearchAnswer<Item>,
  judgeOf: Judge,
  { kind, isHeldBack, toCandidate }: JudgedKind<Item>,
): readonly JudgedHit[] {
  const hits = answer.hits.map(({ item, score, coverage }) => {
    const candidate = toCandidate(item)
    const verdict = isHeldBack?.(item) === true ? ('not-trusted' as const) : judgeOf(candidate)
    return { kind, candidate, score, coverage, verdict }
  })
  const open = hits.filter(({ verdict }) => verdict === null)
  const [closest] = open.toSorted((left, right) => right.coverage - left.coverage)
  const bestCoverage = closest?.coverage ?? 0
  const bestAt = closest?.candidate.createdAt ?? 0
  const bestScore = open.reduce((most, { score }) => Math.max(most, score), 0)
  const first = new Set(
    open.slice(0, leading).filter(({ score }) => score >= bestScore * leastScore),
  )
  const isRelevant = bestCoverage >= searchConstants.leastCoverage
  return hits.map((hit) => {
    const isMatch =
      hit.coverage >= searchConstants.leastCoverage && hit.score >= bestScore * leastScore
    const isClose = isMatch && hit.coverage >= bestCoverage * leastCoverageShare
    const isLater = isMatch && hit.candidate.createdAt > bestAt
    const isShown = isClose || isLater || (isRelevant && first.has(hit))
    return { ...hit, isClose, verdict: hit.verdict ?? (isShown ? null : 'not-relevant') }
  })
}

/** What is shown of everything found, best first. */
export function chooseShown(found: readonly JudgedHit[]): readonly RecallCandidate[] {
  return found
    .filter(({ verdict }) => verdict === null)
    .toSorted(
      (left, right) =>
        Number(right.isClose) - Number(left.isClose) ||
        right.coverage - left.coverage ||
        right.score - left.score,
    )
    .slice(0, mostShown)
    .map(({ candidate }) => candidate)
}
