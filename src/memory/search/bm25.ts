import { searchConstants } from './search-constants.ts'

/** The idf of a term that some of `total` texts hold, never negative, to a power. */
export function toRarity(holders: number, total: number, power: number): number {
  const known = Math.min(holders, total)
  return Math.log(1 + (total - known + 0.5) / (known + 0.5)) ** power
}

/** How much a text holds back the counts of its terms: more the longer it is. */
export function toHeld(length: number, averageLength: number): number {
  const { k1, b } = searchConstants
  return k1 * (1 - b + (b * length) / Math.max(1, averageLength))
}

/** What a term of some rarity adds to the BM25 score of a text. */
export function scoreCount(count: number, held: number, rarity: number): number {
  return (rarity * count * (searchConstants.k1 + 1)) / (count + held)
}
