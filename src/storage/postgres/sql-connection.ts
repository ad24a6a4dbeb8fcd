import { hash } from 'node:crypto'
import type { PoolClient } from 'pg'
import type { SqlOutput, SqlRow } from '../engine/sql-value.ts'
import type { LeaseClock } from './lease-clock.ts'
import { sqlState, sqlStates } from './postgres-error.ts'

/** What may be bound to a statement; a list is meant for `= ANY(?)`. */
export type SqlValue = null | number | string | readonly (number | string)[]

/** What a {@link SqlConnection} is made of. */
export interface SqlConnectionOptions {
  /** A connection in pipeline mode: statements are sent at once and answered in order. */
  readonly client: Pick<PoolClient, 'query'>
  /** The texts with their numbered marks, shared by all connections of a store. */
  readonly statements: StatementTexts
  /** The clock that leases are kept by. */
  readonly leaseClock: LeaseClock
  /** Called with the text of every statement before it is sent; for tests. */
  readonly onStatement?: ((sql: string, values: readonly SqlValue[]) => void) | undefined
}

/**
 * One connection to PostgreSQL for the time of one operation.
 *
 * Statements are pipelined: {@link SqlConnection.post} sends a change without waiting for its answer, so an operation
 * costs as many round trips as it awaits. What a posted statement failed with is thrown by
 * {@link SqlConnection.settle}.
 */
export class SqlConnection {
  /** The clock that leases are kept by. */
  readonly leaseClock: LeaseClock
  readonly #options: SqlConnectionOptions
  readonly #posted: Promise<void>[] = []
  #failure: Error | null = null

  constructor(options: SqlConnectionOptions) {
    this.#options = options
    this.leaseClock = options.leaseClock
  }

  /** What the first statement that failed by itself failed with; later ones only report the aborted transaction. */
  get failure(): Error | null {
    return this.#failure
  }

  /** Every row of a query. */
  async all(sql: string, ...values: SqlValue[]): Promise<readonly SqlRow[]> {
    return (await this.#send(sql, values)).rows
  }

  /** The first row of a query, if any. */
  async get(sql: string, ...values: SqlValue[]): Promise<SqlRow | undefined> {
    return (await this.#send(sql, values)).rows[0]
  }

  /** Runs a change; returns how many rows it touched. */
  async run(sql: string, ...values: SqlValue[]): Promise<number> {
    return (await this.#send(sql, values)).count
  }

  /** Sends a change and does not wait for it. */
  post(sql: string, ...values: SqlValue[]): void {
    this.#posted.push(
      this.#send(sql, values).then(
        () => undefined,
        () => undefined,
      ),
    )
  }

  /** Waits for everything posted; throws the first failure. */
  async settle(): Promise<void> {
    await Promise.all(this.#posted.splice(0))
    if (this.#failure !== null) throw this.#failure
  }

  async #send(
    sql: string,
    values: readonly SqlValue[],
  ): Promise<{ readonly rows: readonly SqlRow[]; readonly count: number }> {
    this.#options.onStatement?.(sql, values)
    const statement = this.#options.statements.find(sql)
    try {
      const result = await this.#options.client.query<SqlOutput[]>({
        ...statement,
        values: [...values],
        rowMode: 'array',
      })
      return { rows: result.rows, count: result.rowCount ?? 0 }
    } catch (error) {
      if (error instanceof Error && sqlState(error) !== sqlStates.transactionAborted) {
        this.#failure ??= error
      }
      throw this.#failure ?? error
    }
  }
}

/** A statement as the driver wants it. */
interface StatementText {
  readonly text: string
  /** Prepared under this name once per connection. */
  readonly name: string
}

/** More texts than the operations can produce; a guard against leaks, not a working limit. */
const mostTexts = 2000

/** The statements of the operations with numbered marks and names. */
export class StatementTexts {
  readonly #texts = new Map<string, StatementText>()

  /** The statement of a text with question marks. */
  find(sql: string): StatementText {
    const known = this.#texts.get(sql)
    if (known !== undefined) return known
    let count = 0
    const text = sql.replaceAll('?', () => `$${(count += 1)}`)
    const statement = { text, name: `letta_${hash('sha256', text, 'hex').slice(0, 24)}` }
    if (this.#texts.size >= mostTexts) this.#texts.clear()
    this.#texts.set(sql, statement)
    return statement
  }
}
