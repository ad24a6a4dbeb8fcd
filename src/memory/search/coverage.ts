import type { SearchStatistics } from '../../storage/contract/search-store.ts'
import { commonWords } from './common-words.ts'
import { searchConstants } from './search-constants.ts'

/**
 * What a term says about a query: how rare it is among `documentCount` texts (idf), less for common words. Always
 * positive; greatest for terms that occur nowhere.
 */
export function termWeight(term: string, holders: number, documentCount: number): number {
  const { backgroundDocuments, commonWordWeight } = searchConstants
  const rarity = (documentCount + backgroundDocuments - holders + 0.5) / (holders + 0.5)
  const share = commonWords.has(term) ? commonWordWeight : 1
  return share * Math.log(1 + Math.max(rarity, 0))
}

/** In how many documents of the scope a term occurs. */
export function documentFrequency(
  { documentFrequency: counts }: SearchStatistics,
  term: string,
): number {
  return Object.hasOwn(counts, term) ? (counts[term] ?? 0) : 0
}
