/** Every number of the ranking, with the version that names them as a set. */
export const searchConstants = Object.freeze({
  /** Grows with every change of a number or of the formula. */
  version: 1,
  /** How fast repetitions of a term stop counting. */
  k1: 1.2,
  /** How much long texts are held back, 0 to 1. */
  b: 0.75,
  /**
   * How much of its rarity a common word of a query counts. Measured on the tune half of LoCoMo, R@10 of this ranking:
   * 63.4 at 1, 64.4 at 0.5, 63.8 at 0.3 (with no background documents).
   */
  commonWordWeight: 0.5,
  /**
   * How many documents without any of the words are counted with those of the scope. In a memory of a few texts rarity
   * says nothing: without these, one word that occurs nowhere outweighs all that were found. LoCoMo R@10 as above with
   * 0: 64.4, with 100: 64.1; the answers of the development half of the offline table rise from 93 to 97 %.
   */
  backgroundDocuments: 100,
  /** The most distinct terms of a query that are looked for: the first and the last half of so many. */
  maxTerms: 64,
  /** The most candidates that are asked of the store. */
  candidateLimit: 300,
  /** How many rows are read at a time when there are no words to look for. */
  pageSize: 100,
})
