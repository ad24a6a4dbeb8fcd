/** One statement as the store ran it. */
export interface RecordedStatement {
  readonly sql: string
  readonly values: readonly (string | number | null | readonly (string | number)[])[]
}

/**
 * What the driver alone makes of the rows: `rows` leaves them as it gives them; `objects` makes objects with named fields
 * and reads the JSON in them, as a program has to before it can use what it read.
 */
export type Reading = 'rows' | 'objects'

/** The driver alone, on a copy of the database. */
export interface Replay {
  /** Waits until the database has nothing left to do for what came before; called before anything is timed. */
  settle?(): Promise<void>
  /** Runs statements; gives how long that took, in milliseconds. */
  run(statements: readonly RecordedStatement[], reading: Reading): number | Promise<number>
}
