import type { RecallCandidate } from '../context/recall-text.ts'
import type { RecallVerdict } from '../domain/prompt-trace.ts'
import type { SearchAnswer } from '../domain/search.ts'
import { analyse } from '../memory/analysis/analyse.ts'
import { searchConstants } from '../memory/search/search-constants.ts'

/** What a hit must reach of the best one of its kind. */
const leastScore = 0.3
const leastCoverageShare = 0.6

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

/** Hits with the verdict whether they match well, and nearly as well as the best one that is not seen anyway. */
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
  const bestCoverage = open.reduce((most, { coverage }) => Math.max(most, coverage), 0)
  const bestScore = open.reduce((most, { score }) => Math.max(most, score), 0)
  const least = Math.max(searchConstants.leastCoverage, bestCoverage * leastCoverageShare)
  return hits.map((hit) => {
    const isNear = hit.coverage >= least && hit.score >= bestScore * leastScore
    return { ...hit, verdict: hit.verdict ?? (isNear ? null : 'not-relevant') }
  })
}
