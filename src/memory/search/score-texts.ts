import type { SearchStatistics } from '../../storage/contract/search-store.ts'
import { scoreCount, toHeld, toRarity } from './bm25.ts'
import { TermCounter, type TermCounts, type TextView } from './count-term.ts'
import { termWeight } from './coverage.ts'
import { countTexts, createHoldersEstimate, type ChosenFrom } from './estimate-holders.ts'
import { searchConstants } from './search-constants.ts'
import { SessionScores } from './session-scores.ts'
import { nearCount } from './text-table.ts'

/** What the terms of a query say about each text of a table, by its number. */
export interface TextScores {
  /** The texts that a term counts for, in no order. */
  readonly texts: readonly number[]
  /** BM25 over the weighted counts. */
  readonly scores: Float64Array
  /** The part of the query's weight that a text's own words and its speaker's name cover, 0 to 1. */
  coverageOf(text: number): number
  /** How many terms stand among the own words, and how many in the dates. */
  readonly ownTerms: Uint8Array
  readonly dateTerms: Uint8Array
  /** The score of each session of the table, the best 1. */
  readonly sessions: Float64Array
  readonly statistics: SearchStatistics
}

/**
 * Scores the texts of a table. Where it holds all texts of a scope (`chosenFrom` is null), rarity is counted with their
 * context; else it is estimated from the statistics of the index, see {@link createHoldersEstimate}.
 */
export function scoreTexts(
  view: TextView,
  terms: readonly string[],
  chosenFrom: ChosenFrom | null,
): TextScores {
  const documentCount = chosenFrom?.statistics.documentCount ?? view.table.size - view.hidden.size
  const estimate = chosenFrom === null ? null : createHoldersEstimate(view.table, chosenFrom)
  const counter = new TermCounter(view)
  const sums = new TermSums(view, createHeldCounts(view))
  const frequencies: [string, number][] = []
  for (const term of new Set(terms)) {
    const counts = counter.count(term)
    const holders = estimate?.(term, counts) ?? {
      own: counts.holders,
      withContext: countTexts(counts),
    }
    frequencies.push([term, holders.own])
    sums.add(counts, {
      weight: termWeight(term, holders.own, documentCount),
      rarity: toRarity(holders.withContext, documentCount, searchConstants.rarityPower),
    })
  }
  const statistics = {
    documentCount,
    tokenCount: chosenFrom?.statistics.tokenCount ?? view.table.tokenCount,
    documentFrequency: Object.fromEntries(frequencies),
  }
  return { ...sums.finish(), statistics }
}

/** Adds up, term by term, what is said of each text. */
class TermSums {
  readonly #view: TextView
  readonly #heldBy: (text: number) => number
  readonly #sessions: SessionScores
  readonly #texts: number[] = []
  readonly #scores: Float64Array
  readonly #covered: Float64Array
  readonly #ownTerms: Uint8Array
  readonly #dateTerms: Uint8Array
  #totalWeight = 0

  constructor(view: TextView, heldBy: (text: number) => number) {
    const { size } = view.table
    this.#view = view
    this.#heldBy = heldBy
    this.#sessions = new SessionScores(view)
    this.#scores = new Float64Array(size)
    this.#covered = new Float64Array(size)
    this.#ownTerms = new Uint8Array(size)
    this.#dateTerms = new Uint8Array(size)
  }

  add(counts: TermCounts, term: { readonly weight: number; readonly rarity: number }): void {
    this.#totalWeight += term.weight
    for (const text of counts.texts) {
      const count = counts.weighted[text] ?? 0
      if (count === 0) continue
      if (this.#scores[text] === 0) this.#texts.push(text)
      const score = scoreCount(count, this.#heldBy(text), term.rarity)
      this.#scores[text] = (this.#scores[text] ?? 0) + score
      this.#cover(text, counts, term.weight)
    }
    this.#sessions.add(counts)
  }

  #cover(text: number, { own, speaker, dates }: TermCounts, weight: number): void {
    const isOwn = (own[text] ?? 0) > 0
    const isNamed = (speaker[text] ?? 0) > 0 && this.#view.table.speakers[text]?.isNamed === true
    if (isOwn || isNamed) this.#covered[text] = (this.#covered[text] ?? 0) + weight
    if (isOwn) this.#ownTerms[text] = (this.#ownTerms[text] ?? 0) + 1
    if ((dates[text] ?? 0) > 0) this.#dateTerms[text] = (this.#dateTerms[text] ?? 0) + 1
  }

  finish(): Omit<TextScores, 'statistics'> {
    const total = this.#totalWeight
    return {
      texts: this.#texts,
      scores: this.#scores,
      coverageOf: (text) => (total === 0 ? 0 : (this.#covered[text] ?? 0) / total),
      ownTerms: this.#ownTerms,
      dateTerms: this.#dateTerms,
      sessions: this.#sessions.finish(),
    }
  }
}

/** How much each text holds back its counts; those beside a hidden text have less context. */
function createHeldCounts({ table, hidden }: TextView): (text: number) => number {
  const { byText, total } = table.weighedLengths
  const changed = new Map<number, number>()
  for (const text of hidden) {
    changed.set(text, 0)
    for (let index = 0; index < nearCount; index += 1) {
      const other = table.near[text * nearCount + index] ?? -1
      if (other === -1) continue
      changed.set(other, hidden.has(other) ? 0 : table.weighLength(other, hidden))
    }
  }
  let sum = total
  for (const [text, length] of changed) sum += length - (byText[text] ?? 0)
  const average = sum / Math.max(1, table.size - hidden.size)
  if (changed.size === 0) return (text) => toHeld(byText[text] ?? 0, average)
  return (text) => toHeld(changed.get(text) ?? byText[text] ?? 0, average)
}
