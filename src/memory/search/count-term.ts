import { searchConstants } from './search-constants.ts'
import { nearCount, type SpeakerGroup, type TextTable } from './text-table.ts'
import { countOf, textOf } from './token-lists.ts'

/** The texts of a table that a query looks at. */
export interface TextView {
  readonly table: TextTable
  /** Texts that are treated as if they were not stored, by their numbers. */
  readonly hidden: ReadonlySet<number>
}

/** Where one term stands; lists are by text and hold 0 where nothing is said of it. */
export interface TermCounts {
  /** The texts it counts for, in no order. */
  readonly texts: readonly number[]
  /** What it counts there: own words, speaker, dates and context, each with its weight. */
  readonly weighted: Float64Array
  /** How often it stands among the own words, in the speaker's name or role, and in the dates. */
  readonly own: Int32Array
  readonly speaker: Int32Array
  readonly dates: Int32Array
  /** In how many texts it stands itself: as a word, in a name or in a date. */
  readonly holders: number
}

/** Counts the terms of one query, one after the other, in lists that are made once. */
export class TermCounter {
  readonly #view: TextView
  readonly #weighted: Float64Array
  readonly #own: Int32Array
  readonly #speaker: Int32Array
  readonly #dates: Int32Array
  readonly #marks: Uint8Array
  #texts: number[] = []

  constructor(view: TextView) {
    this.#view = view
    const { size } = view.table
    this.#weighted = new Float64Array(size)
    this.#own = new Int32Array(size)
    this.#speaker = new Int32Array(size)
    this.#dates = new Int32Array(size)
    this.#marks = new Uint8Array(size)
  }

  /** Where a term stands. The lists are those of the call before, written anew. */
  count(term: string): TermCounts {
    this.#clear()
    const { table } = this.#view
    this.#addPostings(table.ownPostings(term), this.#own)
    const ownHolders = this.#texts.length
    this.#addPostings(table.datePostings(term), this.#dates)
    this.#addSpeakers(term, true)
    const holders = this.#texts.length
    this.#addSpeakers(term, false)
    for (let index = 0; index < ownHolders; index += 1) this.#markNear(this.#texts[index] ?? 0)
    for (const text of this.#texts) this.#weighted[text] = this.#weigh(text)
    return {
      texts: this.#texts,
      weighted: this.#weighted,
      own: this.#own,
      speaker: this.#speaker,
      dates: this.#dates,
      holders,
    }
  }

  #weigh(text: number): number {
    const { weights } = searchConstants
    return (
      weights.own * (this.#own[text] ?? 0) +
      weights.speaker * (this.#speaker[text] ?? 0) +
      weights.dates * (this.#dates[text] ?? 0) +
      this.#view.table.sumContext(text, this.#own, null)
    )
  }

  #addPostings(postings: readonly number[], counts: Int32Array): void {
    for (const posting of postings) {
      const text = textOf(posting)
      if (!this.#mark(text)) continue
      counts[text] = (counts[text] ?? 0) + countOf(posting)
    }
  }

  #addSpeakers(term: string, isNamed: boolean): void {
    for (const group of this.#view.table.groups) {
      if (group.isNamed !== isNamed) continue
      const count = countIn(group, term)
      if (count === 0) continue
      for (const text of group.texts) {
        if (this.#mark(text)) this.#speaker[text] = count
      }
    }
  }

  #markNear(text: number): void {
    const { near, contextShares } = this.#view.table
    for (let index = 0; index < nearCount; index += 1) {
      const other = near[text * nearCount + index] ?? -1
      if (other !== -1 && (contextShares[other] ?? 0) > 0) this.#mark(other)
    }
  }

  /** Whether the text is looked at; if so, it is among the texts of the term from now on. */
  #mark(text: number): boolean {
    if (this.#view.hidden.has(text)) return false
    if (this.#marks[text] === 0) {
      this.#marks[text] = 1
      this.#texts.push(text)
    }
    return true
  }

  #clear(): void {
    for (const text of this.#texts) {
      this.#weighted[text] = 0
      this.#own[text] = 0
      this.#speaker[text] = 0
      this.#dates[text] = 0
      this.#marks[text] = 0
    }
    this.#texts = []
  }
}

function countIn({ tokens }: SpeakerGroup, term: string): number {
  return tokens.reduce((count, token) => (token === term ? count + 1 : count), 0)
}
