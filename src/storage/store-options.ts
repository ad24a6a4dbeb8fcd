import type { Clock } from '../util/clock.ts'
import type { Connection } from './embedded/connection.ts'
import type { StoreOperation } from './store.ts'

/** Which database to open and how. */
export interface OpenStoreOptions {
  /**
   * A folder, made when it is missing, `:memory:` for a database that ends with its store, or the `postgres://` URL of
   * a database on a server.
   */
  readonly location: string
  /**
   * Where the embedded engine runs. `inline`: on the calling thread, for short commands and tests. `worker`: on threads
   * of its own, so that a server never waits for the disk. Default: `inline`.
   */
  readonly host?: 'inline' | 'worker'
  /**
   * The data folder of the program where the database is on a server, whose logs a cleaning goes through. Default: there
   * is none.
   */
  readonly folder?: string
  /** Dates migrations and copies of the database; the engine itself reads no clock. Default: the machine's. */
  readonly clock?: Pick<Clock, 'now'>
  /**
   * How long a write waits for another process's lock before `storage_busy`, and how long a lost server is sought
   * again, in milliseconds. Default: 10,000.
   */
  readonly busyDeadlineMs?: number
  /** The most connections to a PostgreSQL server at once, one more not counted. Default: 10. */
  readonly poolSize?: number
  /**
   * Up to which size with its indexes a table on a PostgreSQL server is written anew when something was forgotten, in bytes;
   * nobody can use it meanwhile, and what is left in larger ones is named. Default: 512 MiB, which takes a few seconds.
   */
  readonly rewriteLimitBytes?: number
  /** Whether a database that holds an unfinished copy may be opened, to finish it. Default: false. */
  readonly acceptsPartialCopy?: boolean
  /** For tests of the engine: sees each statement and may fail a commit. Not with the worker host. */
  readonly hooks?: StoreHooks
}

/** What a test may look into. */
export interface StoreHooks {
  /** Called with each statement and its values before it runs; lists are bound on a PostgreSQL server only. */
  readonly onStatement?: (
    sql: string,
    values: readonly (string | number | null | readonly (string | number)[])[],
  ) => void
  /** Called, perhaps several times, when SQLite plans the statement that {@link StoreHooks.onStatement} saw last. */
  readonly onPlan?: () => void
  /** What the engine works on instead of a connection of its own; the store leaves it open when it is closed. */
  readonly connection?: Connection
  /** Called before each commit; what it throws counts as the commit's error. */
  readonly beforeCommit?: () => void
  /** Called with how many round trips an operation took on a PostgreSQL server, when it has succeeded. */
  readonly onRoundTrips?: (name: StoreOperation, roundTrips: number) => void
  /**
   * Where the database's clock decides about leases: takes the caller's time plus this many milliseconds instead.
   * Default: the database's clock.
   */
  readonly leaseClockOffset?: number
  /** How long a PostgreSQL server has for a round trip before its connection counts as lost, in milliseconds. Default: a minute. */
  readonly answerWithinMs?: number
}
