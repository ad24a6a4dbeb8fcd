import type { Candidates, SearchDocument } from '../../storage/contract/search-store.ts'
import { scoreCounts, toRarity, type Bm25Scale } from './bm25.ts'
import { coverageOf, termWeights } from './coverage.ts'
import type { ScoreParts } from '../../domain/search.ts'
import { isInRanges, type QueryPlan } from './query-plan.ts'
import { scoreSessions, sessionKey } from './score-sessions.ts'
import { searchConstants } from './search-constants.ts'
import { weighDocuments, type WeighedDocument } from './weigh-documents.ts'

/** A text in its place of the ranking. */
export interface RankedDocument {
  readonly document: SearchDocument
  /** The best text of one query has about 1; comparable within one answer only. */
  readonly score: number
  /** The part of the query's weight that the text's own words cover, 0 to 1; comparable between answers. */
  readonly coverage: number
  readonly parts: ScoreParts
}

/**
 * Scores candidates by the formula of docs/decisions/retrieval.md and puts them in order: best first, of equal ones
 * the newer, then by id. Pure: the same candidates give the same answer on every engine.
 *
 * Only eligible texts that hold a term themselves, or stand in the context of one, are ranked.
 */
export function rank(plan: QueryPlan, candidates: Candidates): readonly RankedDocument[] {
  const terms = new Set(plan.terms)
  const weighed = weighDocuments(candidates.documents, terms)
  const scale = toScale(plan, candidates, weighed)
  const scored = weighed
    .filter(({ document, counts }) => document.isEligible && counts.size > 0 && isFound(document))
    .map((text) => ({ ...text, base: scoreCounts(text, scale) * priorOf(text.document, plan) }))
  const best = Math.max(0, ...scored.map(({ base }) => base))
  if (best === 0) return []
  const sessions = scoreSessions(candidates.documents, terms)
  const named = namedSpeaker(plan, candidates.documents)
  const weights = termWeights(plan.terms, candidates.statistics)
  return scored
    .map(({ document, base }): RankedDocument => {
      const parts = {
        text: base / best,
        speaker: isSpeaker(document, named) ? searchConstants.namedFactor : 1,
        when: plan.asksWhen && document.isTemporal ? searchConstants.whenFactor : 1,
        range: isInRanges(document.createdAt, plan.ranges) ? searchConstants.rangeFactor : 1,
        session: searchConstants.sessionWeight * (sessions.get(sessionKey(document) ?? '') ?? 0),
      }
      const score = parts.text * parts.speaker * parts.when * parts.range + parts.session
      return { document, score, coverage: coverageOf(document, weights), parts }
    })
    .toSorted(compareRanked)
}

/**
 * Whether a text is an answer at all. Between named people the reply to a sentence with the words is one; elsewhere the
 * text must have a word itself, or a date of at least two, as a year alone says nothing.
 */
function isFound({ matches, dateMatches, speaker }: SearchDocument): boolean {
  return matches.length > 0 || speaker.length > 0 || new Set(dateMatches).size > 1
}

/** Where all texts are given, rarity is counted with their context, else taken from the statistics of the index. */
function toScale(
  { terms }: QueryPlan,
  { isComplete, statistics }: Candidates,
  weighed: readonly WeighedDocument[],
): Bm25Scale {
  const { rarityPower: power } = searchConstants
  const averageLength =
    weighed.reduce((sum, { length }) => sum + length, 0) / Math.max(1, weighed.length)
  if (!isComplete) {
    const { documentCount } = statistics
    const frequency = (term: string): number => statistics.documentFrequency[term] ?? 0
    return { rarity: toRarity(terms, { documentCount, frequency, power }), averageLength }
  }
  const holders = new Map<string, number>()
  for (const { counts } of weighed) {
    for (const term of counts.keys()) holders.set(term, (holders.get(term) ?? 0) + 1)
  }
  const frequency = (term: string): number => holders.get(term) ?? 0
  const rarity = toRarity(terms, { documentCount: weighed.length, frequency, power })
  return { rarity, averageLength }
}

/** What is known of a text before the query is looked at. */
function priorOf(document: SearchDocument, plan: QueryPlan): number {
  const { lengthPower, priorWords, questionFactor, questionWords, agentFactor } = searchConstants
  const { wordCount, isQuestion } = document
  const length = Math.log(1 + Math.min(Math.max(1, wordCount), priorWords)) ** lengthPower
  const question = isQuestion && wordCount <= questionWords ? questionFactor : 1
  const isAgent = document.role === 'assistant' && document.speaker.length === 0
  return length * question * (isAgent && !plan.asksAgent ? agentFactor : 1)
}

/** The speaker that a query names, if it names exactly one. */
function namedSpeaker(plan: QueryPlan, documents: readonly SearchDocument[]): string | null {
  const terms = new Set(plan.terms)
  const speakers = new Map(
    documents
      .filter(({ speaker }) => speaker.length > 0)
      .map(({ speaker }) => [speaker.join(' '), speaker]),
  )
  const named = [...speakers].filter(([, tokens]) => tokens.some((token) => terms.has(token)))
  return named.length === 1 ? (named[0]?.[0] ?? null) : null
}

function isSpeaker({ speaker }: SearchDocument, named: string | null): boolean {
  return named !== null && speaker.length > 0 && speaker.join(' ') === named
}

function compareRanked(left: RankedDocument, right: RankedDocument): number {
  if (left.score !== right.score) return right.score - left.score
  return compareNewest(left.document, right.document)
}

/** Orders texts newest first, then by id. */
export function compareNewest(
  left: Pick<SearchDocument, 'id' | 'createdAt' | 'sequence'>,
  right: Pick<SearchDocument, 'id' | 'createdAt' | 'sequence'>,
): number {
  if (left.createdAt !== right.createdAt) return right.createdAt - left.createdAt
  if (left.sequence !== right.sequence) return right.sequence - left.sequence
  if (left.id === right.id) return 0
  return left.id < right.id ? -1 : 1
}
