import type { SqlExpression } from '../engine/sql-value.ts'

/** The database's clock in whole milliseconds since the epoch, as SQL. */
export const databaseNow = `(extract(epoch FROM clock_timestamp()) * 1000)::bigint`

/**
 * Keeps leases by the database's clock, because processes on several machines share no other.
 *
 * Callers give and get times of their own clock. With every claim the distance between the two is measured anew, and
 * what is stored or read is moved by it.
 */
export class LeaseClock {
  readonly #isFixed: boolean
  #distance: number

  /**
   * `distance` is how far the database's clock is ahead of the caller's, in milliseconds. A fixed one is never
   * measured: the caller's time plus it counts as the database's, which tests with a clock of their own need.
   */
  constructor(options: { readonly distance: number; readonly isFixed: boolean }) {
    this.#isFixed = options.isFixed
    this.#distance = options.distance
  }

  /** What decides at the caller's `at`, for a statement: the database's clock unless the distance is fixed. */
  now(at: number): SqlExpression {
    return this.#isFixed
      ? { sql: '?::bigint', values: [at + this.#distance] }
      : { sql: databaseNow, values: [] }
  }

  /** Learns that the database's clock showed `measured` at the caller's `at`. */
  observe(at: number, measured: number): void {
    if (!this.#isFixed) this.#distance = measured - at
  }

  /** What decides instead of the database's clock at the caller's `at`; null = the database's clock. */
  fixedTime(at: number): number | null {
    return this.#isFixed ? at + this.#distance : null
  }

  /** A time of the caller as it is stored. */
  toStored(time: number): number {
    return time + this.#distance
  }

  /** A stored time as the caller's clock shows it. */
  fromStored(time: number): number {
    return time - this.#distance
  }
}
