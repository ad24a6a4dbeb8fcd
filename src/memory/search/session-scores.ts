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
    this.#view = view
    const { table, hidden } = view
    const { sessionDates } = searchConstants
    this.#lengths = new Float64Array(table.sessionCount)
    this.#scores = new Float64Array(table.sessionCount)
    this.#counts = new Float64Array(table.sessionCount)
    const present = new Uint8Array(table.sessionCount)
    let total = 0
    for (let text = 0; text < table.size; text += 1) {
      const session = table.sessions[text] ?? -1
      if (session === -1 || hidden.has(text)) continue
      const length =
        (table.lengths[text] ?? 0) +
        (table.speakers[text]?.tokens.length ?? 0) +
        sessionDates * (table.dateLengths[text] ?? 0)
      this.#lengths[session] = (this.#lengths[session] ?? 0) + length
      present[session] = 1
      total += length
    }
    this.#count = present.reduce((count, isPresent) => count + isPresent, 0)
    this.#averageLength = total / Math.max(1, this.#count)
  }

  /** Adds what a term says. */
  add({ texts, own, speaker, dates }: TermCounts): void {
    const { sessions } = this.#view.table
    const held = new Set<number>()
    for (const text of texts) {
      const session = sessions[text] ?? -1
      const count =
        (own[text] ?? 0) + (speaker[text] ?? 0) + searchConstants.sessionDates * (dates[text] ?? 0)
      if (session === -1 || count === 0) continue
      held.add(session)
      this.#counts[session] = (this.#counts[session] ?? 0) + count
    }
    const rarity = toRarity(held.size, this.#count, 1)
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
