/** How to walk through a list. */
export interface Page {
  /** The most items to return; at least 1. */
  readonly limit: number
  /** `asc` = oldest first. */
  readonly order: 'asc' | 'desc'
  /** Only items after this one in the order given; an unknown identifier is `not_found`. */
  readonly after?: string
  /** Only items before this one in the order given; an unknown identifier is `not_found`. */
  readonly before?: string
}
