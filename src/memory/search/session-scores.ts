import { scoreCount, toHeld, toRarity } from './bm25.ts'
import type { TermCounts, TextView } from './count-term.ts'
import { searchConstants } from './search-constants.ts'

/** Scores whole sessions by all that was said in them, term by term. */
export class SessionScores {
  readonly #view: TextView
  readonly #lengths: Float64Array
  readonly #scores: Float64Array
  readonly #counts: Float64Array
  readonly #count: number
  readonly #averageLength: number

  constructor(view: TextView) {
    const { table, hidden } = view
    this.#view = view
    this.#scores = new Float64Array(table.sessionCount)
    this.#counts = new Float64Array(table.sessionCount)
    const { lengths, sizes, total } = table.sessionLengths
    const left = { lengths, sizes, total }
    if (hidden.size > 0) {
      left.lengths = lengths.slice()
      left.sizes = sizes.slice()
    }
    for (const text of hidden) {
      const session = table.sessions[text] ?? -1
      if (session === -1) continue
      const length = table.sessionLengthOf(text)
      left.lengths[session] = (left.lengths[session] ?? 0) - length
      left.sizes[session] = (left.sizes[session] ?? 0) - 1
      left.total -= length
    }
    this.#lengths = left.lengths
    this.#count = left.sizes.reduce((count, size) => (size > 0 ? count + 1 : count), 0)
    this.#averageLength = left.total / Math.max(1, this.#count)
  }

  /** Adds what a term says. */
  add({ texts, own, speaker, dates }: TermCounts): void {
    const { sessions } = this.#view.table
    const held: number[] = []
    for (const text of texts) {
      const session = sessions[text] ?? -1
      const count =
        (own[text] ?? 0) + (speaker[text] ?? 0) + searchConstants.sessionDates * (dates[text] ?? 0)
      if (session === -1 || count === 0) continue
      if (this.#counts[session] === 0) held.push(session)
      this.#counts[session] = (this.#counts[session] ?? 0) + count
    }
    const rarity = toRarity(held.length, this.#count, 1)
    for (const session of held) {
      const back = toHeld(this.#lengths[session] ?? 0, this.#averageLength)
      const score = scoreCount(this.#counts[session] ?? 0, back, rarity)
      this.#scores[session] = (this.#scores[session] ?? 0) + score
      this.#counts[session] = 0
    }
  }

  /** The score of each session, the best 1; all 0 when none holds a term. */
  finish(): Float64Array {
    const best = this.#scores.reduce((most, score) => Math.max(most, score), 0)
    return best === 0 ? this.#scores : this.#scores.map((score) => score / best)
  }
}
