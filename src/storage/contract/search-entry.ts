/** What the index keeps of a text: what it is found by and what its rank depends on. */
export interface SearchEntry {
  /** Its own normalised tokens in order (see `memory/analysis`). */
  readonly tokens: readonly string[]
  /** The tokens of the speaker's name; empty when it is not known. */
  readonly speaker: readonly string[]
  /** The tokens of the day it was said, and of the days its words point at, such as "yesterday". */
  readonly dates: readonly string[]
  /** How many words it has, stop words included. */
  readonly wordCount: number
  /** Whether it ends as a question. */
  readonly isQuestion: boolean
  /** Whether it says when something was or will be. */
  readonly isTemporal: boolean
  /** How much of what it states is about whoever it is said to, in whole percent. */
  readonly listenerShare: number
  /**
   * The part of a history it belongs to, where the writer says so; null = the store begins a new part after an hour of
   * silence.
   */
  readonly session: string | null
}
