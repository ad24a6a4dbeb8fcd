import { chooseBest } from './choose-best.ts'
import type { TextView } from './count-term.ts'
import type { DenseLane } from './dense-lane.ts'
import { searchConstants } from './search-constants.ts'

/** What nearness adds to a ranking by words. */
export interface FusedDense {
  readonly weight: number
  /** Texts that pass and are near, but that no word of the query counts for. */
  readonly others: readonly number[]
  /** From 0 to 1. */
  nearnessOf(text: number): number
}

/** A ranking by words, to be fused. */
export interface WordRanking extends TextView {
  passes(text: number): boolean
  /** The texts in it, and the score of each. */
  readonly texts: readonly number[]
  readonly scores: Float64Array
  /** The part of the query that the words of the best text cover, 0 to 1. */
  readonly bestCoverage: number
}

/**
 * How much nearness counts: `denseWeight` where the best texts by words are clearly nearer than texts are on average, and
 * nothing where they are not; of it the square of the part that words leave open, as what they have found is seldom found better. A model
 * that knows nothing of the texts is near to any of them alike, so it changes nothing. Where no word is found, nearness alone decides.
 */
export function fuseDense(dense: DenseLane, words: WordRanking): FusedDense {
  const { table, hidden, texts, scores, bestCoverage } = words
  const nearness = new Map<number, number>()
  for (const [id, value] of dense.nearness) {
    const text = table.numberOf(id)
    if (text !== undefined && !hidden.has(text)) nearness.set(text, value)
  }
  const known = new Set(texts)
  const others = [...nearness.keys()].filter((text) => !known.has(text) && words.passes(text))
  const nearnessOf = (text: number): number => nearness.get(text) ?? 0
  if (texts.length === 0) return { weight: 1, others, nearnessOf }
  const best = chooseBest(scores, searchConstants.agreementTexts, (left, right) => left - right)
  const near = meanOf(best.map((index) => nearnessOf(texts[index] ?? -1)))
  const usual = sumOf(nearness.values()) / Math.max(1, dense.report.vectors)
  const open = 1 - Math.min(1, bestCoverage)
  return { weight: toWeight(near - usual) * open ** 2, others, nearnessOf }
}

function toWeight(agreement: number): number {
  const { denseWeight, agreementFrom, agreementTo } = searchConstants
  const share = (agreement - agreementFrom) / (agreementTo - agreementFrom)
  return denseWeight * Math.min(1, Math.max(0, share))
}

function meanOf(values: readonly number[]): number {
  return sumOf(values) / Math.max(1, values.length)
}

function sumOf(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}
