/**
 * Every number of the ranking, with the version that names them as a set. Where nothing else is said, measured on half
 * of LoCoMo and checked on the other half, on REALTALK and on BEAM; what each part brings stands in
 * docs/decisions/retrieval.md.
 */
export const searchConstants = Object.freeze({
  /** Grows with every change of a number or of the formula. */
  version: 9,
  /** How fast repetitions of a term stop counting. */
  k1: 1.2,
  /** How much long texts are held back, 0 to 1. */
  b: 0.75,
  /** How much rarity counts: the power of a term's idf. */
  rarityPower: 0.8,
  /** What one occurrence of a term counts, by where it stands. */
  weights: Object.freeze({ own: 3, speaker: 4, dates: 2 }),
  /** What an occurrence counts in the messages before (nearest first) and after a message of the same session. */
  contextBefore: Object.freeze([1, 1]),
  contextAfter: Object.freeze([0.5, 0.25]),
  /** What an occurrence counts in a question for what another named person said right after it. */
  questionContext: 2,
  /** What context counts where nobody is named, as in chats of a user and an assistant. */
  unnamedContext: 0.3,
  /** The number of words above which a message gives and takes less context. */
  contextWords: 30,
  /** The power with which a text's length, up to `priorWords` words, counts for it. */
  lengthPower: 0.2,
  priorWords: 30,
  /** What is left of the score of a short question, since it seldom is an answer. */
  questionFactor: 0.9,
  questionWords: 30,
  /**
   * What is left of the score of a question of up to so many words that another named person has answered; the more
   * words it has, the more is left.
   */
  answeredFactor: 0.7,
  answeredWords: 12,
  /** What is left of the score of a named person's words that are about the listener only; more if partly. */
  listenerFactor: 0.7,
  /** What is left of the score of the agent's own words, unless the query asks for them. */
  agentFactor: 0.3,
  /** The gain of the words of the one person that a query names. */
  namedFactor: 1.2,
  /** The gain of texts that hold a time when a query asks for one. */
  whenFactor: 1.4,
  /** The gain of texts from the days that a query speaks of, such as "last week". Chosen, not measured. */
  rangeFactor: 1.3,
  /** What the best session adds to its messages, where the best message has 1. */
  sessionWeight: 0.4,
  /** What one occurrence of a date's word counts for a session. */
  sessionDates: 2,
  /**
   * How much of its rarity a common word of a query counts for the coverage. Measured on the tune half of LoCoMo with
   * the ranking of version 1: R@10 63.4 at 1, 64.4 at 0.5, 63.8 at 0.3.
   */
  commonWordWeight: 0.5,
  /**
   * How many documents without any of the words are counted with those of the scope for the coverage. In a memory of a
   * few texts rarity says nothing: without these, one word that occurs nowhere outweighs all that were found.
   */
  backgroundDocuments: 100,
  /**
   * The coverage that the best text must have to match well. Questions of another chat with the names exchanged, beside
   * a chat's own (tune half of LoCoMo, 400 each): of those below, 80 % have no answer; of those without one, 68 % are below.
   */
  leastCoverage: 0.38,
  /**
   * What the nearest text gains where vectors agree with the words and these cover nothing; the more they cover, the less. Research
   * measured it without that last part and over a weaker ranking; `bench/fusion.ts` says what it does here.
   */
  denseWeight: 0.2,
  /** How many of the nearest texts are looked at. */
  denseLimit: 100,
  /**
   * Whether vectors agree is judged by so many of the best texts by words: by how much nearer they are to the query than
   * texts are on average (0 to 1). From the first number on nearness begins to count, from the second on it counts in
   * full. Chosen so that vectors without meaning count nothing.
   */
  agreementTexts: 10,
  agreementFrom: 0.1,
  agreementTo: 0.25,
  /** The most distinct terms of a query that are looked for: the first and the last half of so many. */
  maxTerms: 64,
  /** The most candidates that are chosen by the index. */
  candidateLimit: 300,
  /**
   * In a scope with more texts than the first number so many are chosen: with 100,000 more do not find more of the ten best
   * (overlap with all scored 0.943; 0.940 with 150, 0.934 with 60).
   */
  largeScope: 20_000,
  candidateLimitOfLarge: 100,
  /** Up to how many texts of an agent or archive all are scored. */
  completeUpTo: 5000,
  /** How many rows are read at first when there are no words to look for; each time twice as many, up to the second number. */
  pageSize: 100,
  largestPage: 5000,
})

/** The numbers of the ranking. */
export type SearchConstants = typeof searchConstants
