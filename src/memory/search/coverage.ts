import type { SearchDocument, SearchStatistics } from '../../storage/contract/search-store.ts'
import { commonWords } from './common-words.ts'
import { searchConstants } from './search-constants.ts'

/**
 * What each term says about a query: how rare it is in the scope (idf), less for common words. Always positive;
 * greatest for terms that occur nowhere.
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

/** The part of a query's weight that a text's own words and its speaker's name cover, 0 to 1. */
export function coverageOf(
  { matches, speaker }: Pick<SearchDocument, 'matches' | 'speaker'>,
  weights: ReadonlyMap<string, number>,
): number {
  let [covered, total] = [0, 0]
  for (const [term, weight] of weights) {
    total += weight
    if (matches.includes(term) || speaker.includes(term)) covered += weight
  }
  return total === 0 ? 0 : covered / total
}

/** In how many documents of the scope a term occurs. */
export function documentFrequency(statistics: SearchStatistics, term: string): number {
  const counts = statistics.documentFrequency
  return Object.hasOwn(counts, term) ? (counts[term] ?? 0) : 0
}
