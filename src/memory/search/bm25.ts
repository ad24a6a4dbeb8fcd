import { searchConstants } from './search-constants.ts'

/** The counts of a query's terms in a text, weighted or not. */
export interface Counted {
  /** By term; only those that occur. */
  readonly counts: ReadonlyMap<string, number>
  /** The number of all tokens, weighted likewise. */
  readonly length: number
}

/** How rare terms are among some texts. */
export interface Frequencies {
  readonly documentCount: number
  /** In how many of them a term occurs. */
  frequency(term: string): number
  /** The power of the idf. */
  readonly power: number
}

/** The idf of each term, never negative, to a power. */
export function toRarity(
  terms: readonly string[],
  { documentCount, frequency, power }: Frequencies,
): ReadonlyMap<string, number> {
  return new Map(
    terms.map((term) => {
      const holders = Math.min(frequency(term), documentCount)
      return [term, Math.log(1 + (documentCount - holders + 0.5) / (holders + 0.5)) ** power]
    }),
  )
}

/** What all texts of one query are scored with. */
export interface Bm25Scale {
  readonly rarity: ReadonlyMap<string, number>
  readonly averageLength: number
}

/** The BM25 score of a text. */
export function scoreCounts(text: Counted, scale: Bm25Scale): number {
  let score = 0
  for (const term of text.counts.keys()) score += scoreTerm(term, text, scale)
  return score
}

/** What one term adds to the score of a text. */
export function scoreTerm(term: string, { counts, length }: Counted, scale: Bm25Scale): number {
  const { k1, b } = searchConstants
  const count = counts.get(term) ?? 0
  const held = k1 * (1 - b + (b * length) / Math.max(1, scale.averageLength))
  return ((scale.rarity.get(term) ?? 0) * count * (k1 + 1)) / (count + held)
}
