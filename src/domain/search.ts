/** Hits with the reason why there are none, and what was done to find them. */
export interface SearchAnswer<Item> {
  readonly hits: readonly SearchHit<Item>[]
  /** Why the answer is empty, in one sentence; null when it is not. */
  readonly reason: string | null
  /** Whether further hits follow those given. */
  readonly hasMore: boolean
  /**
   * How many hits there are on all pages; null where they were not counted: with more to follow by date alone, and where a hit may
   * fall away when it is read.
   */
  readonly total: number | null
  /** Whether texts that match may be on no page: there are too many, and the index chose the most promising. */
  readonly isCut: boolean
  /** Null for a query without words, which is answered by date alone. */
  readonly explanation: SearchExplanation | null
}

/** One thing found. */
export interface SearchHit<Item> {
  readonly item: Item
  /** The best text has about 1; comparable within one answer only; 0 for a query without words. */
  readonly score: number
  /**
   * The part of the query's weight (idf, less for common words such as `name` or `like`) that the item's own words and
   * speaker cover, 0 to 1; comparable between answers. 0 for a query without words.
   */
  readonly coverage: number
  /** What the score is made of; null for a query without words. */
  readonly parts: ScoreParts | null
}

/** What a score is made of: `text × speaker × when × range + session + dense`. */
export interface ScoreParts {
  /** BM25 over the weighted counts, with the priors, divided by the best. */
  readonly text: number
  /** The gain of the one person that is named. */
  readonly speaker: number
  /** The gain of a text that holds a time where one is asked for. */
  readonly when: number
  /** The gain of a text from a time that the query speaks of. */
  readonly range: number
  /** What its session adds. */
  readonly session: number
  /** What its nearness in meaning adds; 0 where no vectors were compared. */
  readonly dense: number
}

/** How an answer was found. */
export interface SearchExplanation {
  /** The version of the ranking's constants. */
  readonly version: number
  readonly terms: readonly ExplainedTerm[]
  /** How many texts there are to find. */
  readonly stored: number
  /** How many of them were looked at, neighbours included, and how many of those were ranked. */
  readonly considered: number
  readonly ranked: number
  /** Whether all were looked at; else the index chose. */
  readonly isComplete: boolean
  /** The times the query speaks of. */
  readonly ranges: readonly SpokenRange[]
  readonly asksWhen: boolean
  readonly asksAgent: boolean
  /** How vectors took part; null where no embedding model is named. */
  readonly dense: DenseReport | null
  /** The greatest coverage of all that was ranked. */
  readonly bestCoverage: number
  /** Whether that is enough to say that something stored matches well. */
  readonly isRelevant: boolean
}

/** How vectors took part in a search. */
export interface DenseReport {
  /** The handle of the embedding model. */
  readonly model: string
  /** How many of the stored texts have a vector of it. */
  readonly vectors: number
  /** What the nearest text gained; 0 where vectors did not agree with the words. */
  readonly weight: number
  /** Why no vectors were compared, in a sentence; null when they were. */
  readonly failure: string | null
}

/** A word of a query. */
export interface ExplainedTerm {
  readonly term: string
  /** The word it comes from. */
  readonly word: string
  /** In how many of the stored texts it is. */
  readonly documents: number
  /** Whether candidates were chosen by it; false for words that are in too many texts. */
  readonly isAsked: boolean
}

/** A stretch of time that a query speaks of; both ends inclusive, in epoch milliseconds; null = open. */
export interface SpokenRange {
  readonly from: number | null
  readonly until: number | null
  /** The words it was read from. */
  readonly phrase: string
}
