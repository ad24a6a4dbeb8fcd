/** Every number of the ranking, with the version that names them as a set. */
export const searchConstants = Object.freeze({
  /** Grows with every change of a number or of the formula. */
  version: 1,
  /** How fast repetitions of a term stop counting. */
  k1: 1.2,
  /** How much long texts are held back, 0 to 1. */
  b: 0.75,
  /** The most candidates that are asked of the store. */
  candidateLimit: 300,
  /** How many rows are read at a time when there are no words to look for. */
  pageSize: 100,
})
