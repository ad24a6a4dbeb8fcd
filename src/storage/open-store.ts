import type { Clock } from '../util/clock.ts'
import type { Store } from './store.ts'

/** Which database to open and how. */
export interface OpenStoreOptions {
  /** A folder, made when it is missing, or `:memory:` for a database that ends with its store. */
  readonly location: string
  /**
   * Where the embedded engine runs. `inline`: on the calling thread, for short commands and tests. `worker`: on threads
   * of its own, so that a server never waits for the disk. Default: `inline`.
   */
  readonly host?: 'inline' | 'worker'
  /** Dates migrations and copies of the database; the engine itself reads no clock. Default: the machine's. */
  readonly clock?: Pick<Clock, 'now'>
  /** How long a write waits for another process's lock before `storage_busy`, in milliseconds. Default: 10,000. */
  readonly busyDeadlineMs?: number
  /** For tests of the engine: sees each statement and may fail a commit. Only with the inline host. */
  readonly hooks?: StoreHooks
}

/** What a test may look into. */
export interface StoreHooks {
  /** Called with each statement and its values before it runs. */
  readonly onStatement?: (sql: string, values: readonly (string | number | null)[]) => void
  /** Called before each commit; what it throws counts as the commit's error. */
  readonly beforeCommit?: () => void
}

/**
 * Opens a store, bringing its database up to date first.
 *
 * Rejects with `AppError`: `storage_newer` (the database is from a newer program), `storage_corrupt`,
 * `storage_read_only`, `storage_full`, `storage_busy`, `storage_failed`, `home_unusable` (the folder cannot be used).
 * The engine is loaded only now.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { openEmbeddedStore } = await import('./embedded/open-embedded-store.ts')
  return await openEmbeddedStore(options)
}
