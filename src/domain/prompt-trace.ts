/** What a request to a model was made of. Holds numbers and identifiers, no words, so that it may be kept beside them. */
export interface PromptTrace {
  /** Estimated tokens of its parts. */
  readonly sizes: {
    readonly system: number
    readonly tools: number
    readonly summary: number
    readonly messages: number
  }
  readonly window: number
  /** Tokens kept free for the answer. */
  readonly reserve: number
  /** The stored beginning that was sent: a hash over its sources but memory, and when it was built. */
  readonly prefixKey: string
  readonly prefixBuiltAt: number
  /** Whether it was built for this request. */
  readonly isPrefixNew: boolean
  /** Where the view began, and where the running turn did, by position. */
  readonly viewFrom: number
  readonly turnFrom: number
  /** The greatest position of an item that was sent; 0 = none was. */
  readonly lastPosition: number
  /** How many items were sent, and a hash over their positions. */
  readonly itemCount: number
  readonly itemsHash: string
  /** The summary it began with, or null. */
  readonly summaryId: string | null
  /** What was looked up outside of the view; null = nothing was looked up. */
  readonly recall: readonly RecallVerdict[] | null
}

/** Something that was found outside of the view, and what became of it. */
export interface RecallVerdict {
  readonly id: string
  readonly kind: 'message' | 'passage' | 'fact'
  readonly score: number
  /** The part of the question's weight that its words cover, 0 to 1. */
  readonly coverage: number
  /** `shown`, or why it is not. */
  readonly verdict:
    | 'shown'
    | 'in-view'
    | 'shown-before'
    | 'not-trusted'
    | 'not-new'
    | 'not-relevant'
    | 'no-room'
}
