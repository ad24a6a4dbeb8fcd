import type { Candidates, SearchStatistics } from '../../storage/contract/search-store.ts'
import type { SearchHit } from './agent-search.ts'
import { commonWords } from './common-words.ts'
import { searchConstants } from './search-constants.ts'

/** What ranking needs to know of an item besides its tokens. */
export interface Rankable {
  readonly id: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Decides between items of the same time, where the items have one. */
  readonly sequence?: number
}

/**
 * Scores candidates by BM25 over their stored tokens and puts them in order: best first, of equal ones the newer,
 * then by id. Pure: the same candidates and statistics give the same answer on every engine.
 *
 * `terms` are the distinct terms of the query. Candidates that hold none of them are dropped.
 */
export function rank<Item extends Rankable>(
  terms: readonly string[],
  candidates: Candidates<Item>,
): readonly SearchHit<Item>[] {
  const weights = termWeights(terms, candidates.statistics)
  const averageLength = averageDocumentLength(candidates.statistics)
  return candidates.items
    .map(({ item, tokens }) => ({ item, ...scoreTokens(tokens, { weights, averageLength }) }))
    .filter((hit) => hit.score > 0)
    .toSorted(compareHits)
}

/**
 * The weight of each term: how rare it is in the scope (idf), less for common words. Always positive; greatest for
 * terms that occur nowhere.
 */
export function termWeights(
  terms: readonly string[],
  statistics: SearchStatistics,
): ReadonlyMap<string, number> {
  const { backgroundDocuments, commonWordWeight } = searchConstants
  const documentCount = statistics.documentCount + backgroundDocuments
  return new Map(
    terms.map((term) => {
      const frequency = documentFrequency(statistics, term)
      const rarity = (documentCount - frequency + 0.5) / (frequency + 0.5)
      const share = commonWords.has(term) ? commonWordWeight : 1
      return [term, share * Math.log(1 + Math.max(rarity, 0))]
    }),
  )
}

/** In how many documents of the scope a term occurs. */
export function documentFrequency(statistics: SearchStatistics, term: string): number {
  const counts = statistics.documentFrequency
  return Object.hasOwn(counts, term) ? (counts[term] ?? 0) : 0
}

/** What all candidates of one query are scored with. */
interface Scoring {
  readonly weights: ReadonlyMap<string, number>
  readonly averageLength: number
}

function scoreTokens(
  tokens: readonly string[],
  { weights, averageLength }: Scoring,
): Pick<SearchHit<never>, 'score' | 'coverage'> {
  const counts = new Map<string, number>()
  for (const token of tokens) {
    if (weights.has(token)) counts.set(token, (counts.get(token) ?? 0) + 1)
  }
  const { k1, b } = searchConstants
  const lengthFactor = k1 * (1 - b + (b * tokens.length) / averageLength)
  let score = 0
  let covered = 0
  let total = 0
  for (const [term, weight] of weights) {
    const count = counts.get(term) ?? 0
    total += weight
    if (count === 0) continue
    covered += weight
    score += (weight * count * (k1 + 1)) / (count + lengthFactor)
  }
  return { score, coverage: total === 0 ? 0 : covered / total }
}

function averageDocumentLength({ documentCount, tokenCount }: SearchStatistics): number {
  return documentCount > 0 && tokenCount > 0 ? tokenCount / documentCount : 1
}

function compareHits<Item extends Rankable>(left: SearchHit<Item>, right: SearchHit<Item>): number {
  if (left.score !== right.score) return right.score - left.score
  return compareNewest(left.item, right.item)
}

/** Orders items newest first, then by id. */
export function compareNewest(left: Rankable, right: Rankable): number {
  if (left.createdAt !== right.createdAt) return right.createdAt - left.createdAt
  const [leftSequence, rightSequence] = [left.sequence ?? 0, right.sequence ?? 0]
  if (leftSequence !== rightSequence) return rightSequence - leftSequence
  if (left.id === right.id) return 0
  return left.id < right.id ? -1 : 1
}
