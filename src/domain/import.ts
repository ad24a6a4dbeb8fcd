/** What became of a batch. */
export interface ImportedBatch {
  /** How many messages were stored. */
  readonly stored: number
  /** How many were known by their otid and left as they are. */
  readonly known: number
  /** How many of the known ones were forgotten since: they stay away. */
  readonly forgotten: number
  /** The import that holds them; of known messages alone, that of the first of them. Null = all of it was forgotten. */
  readonly importId: string | null
}

/** One import. */
export interface ImportSummary {
  readonly importId: string
  readonly messageCount: number
  /** When its first message was brought in, in epoch milliseconds. */
  readonly importedAt: number
}
