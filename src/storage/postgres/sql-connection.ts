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
  readonly client: Pick<PoolClient, 'query' | 'connection'>
  /** The texts with their numbered marks, shared by all connections of a store. */
  readonly statements: StatementTexts
  /** The clock that leases are kept by. */
  readonly leaseClock: LeaseClock
  /** Called with the text of every statement before it is sent; for tests. */
  readonly onStatement?: ((sql: string, values: readonly SqlValue[]) => void) | undefined
  /** Called just before the commit is sent; what it throws ends the operation instead. */
  readonly onCommit?: (() => void) | undefined
}

/**
 * One connection to PostgreSQL for the time of one operation.
 *
 * Statements are pipelined: {@link SqlConnection.post} sends a change without waiting for its answer, so an operation
 * costs as many round trips as it awaits. An operation that may be refused costs one when it says so to the database:
 * what has to hold is sent as {@link SqlConnection.require}, and {@link SqlConnection.commit} behind everything else,
 * before anything was answered. What a posted statement failed with is thrown by {@link SqlConnection.settle}.
 */
export class SqlConnection {
  /** The clock that leases are kept by. */
  readonly leaseClock: LeaseClock
  readonly #options: SqlConnectionOptions
  readonly #posted: Promise<void>[] = []
  #failure: Error | null = null
  #isRefused = false
  #hasCommitted = false
  #isCommitting = false
  #isAnswered = true
  #isGathering = false
  #roundTrips = 0

  constructor(options: SqlConnectionOptions) {
    this.#options = options
    this.leaseClock = options.leaseClock
  }

  /** What the first statement that failed by itself failed with; later ones only report the aborted transaction. */
  get failure(): Error | null {
    return this.#failure
  }

  /** Whether the transaction has ended, well or refused. */
  get hasCommitted(): boolean {
    return this.#hasCommitted
  }

  /** How often statements were sent after the answer to earlier ones, the first time included. */
  get roundTrips(): number {
    return this.#roundTrips
  }

  /** Begins a transaction: the first one, or another one after one that was refused. */
  begin(): void {
    this.#hasCommitted = false
    this.post('BEGIN')
  }

  /** Every row of a query. */
  all(sql: string, ...values: SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#send({ sql, values }, ({ rows }) => rows)
  }

  /** The first row of a query, if any. */
  get(sql: string, ...values: SqlValue[]): Promise<SqlRow | undefined> {
    return this.#send({ sql, values }, ({ rows }) => rows[0])
  }

  /** Runs a change; returns how many rows it touched. */
  run(sql: string, ...values: SqlValue[]): Promise<number> {
    return this.#send({ sql, values }, ({ count }) => count)
  }

  /**
   * The first row of a SELECT, or of a change with RETURNING, that has to have one. Without a row the database itself
   * refuses the rest of the transaction: this and everything sent after it answers as if it had found nothing, and
   * nothing is stored.
   */
  require(sql: string, ...values: SqlValue[]): Promise<SqlRow | undefined> {
    // Dividing by the number of rows is what makes the statement fail without one.
    const checked = `WITH required AS (${sql})
      SELECT required.*, 1 / (SELECT count(*) FROM required)
      FROM (VALUES (1)) one LEFT JOIN required ON true`
    return this.#send({ sql: checked, values, isRequired: true }, ({ rows }) => rows[0])
  }

  /** Sends a change and does not wait for it. */
  post(sql: string, ...values: SqlValue[]): void {
    this.#posted.push(this.run(sql, ...values).then(ignore, ignore))
  }

  /**
   * Ends a transaction that changed nothing. Nobody has to wait for that, so it is no round trip: the next user's
   * statements queue behind it.
   */
  endRead(): void {
    const roundTrips = this.#roundTrips
    this.post('COMMIT')
    this.#roundTrips = roundTrips
  }

  /** Waits for everything posted; throws the first failure. */
  async settle(): Promise<void> {
    await Promise.all(this.#posted.splice(0))
    if (this.#failure !== null) throw this.#failure
  }

  /**
   * Sends the commit behind everything sent so far, waits for all of it, and throws the first failure; answers that
   * nobody has waited for yet are empty then. False when a requirement was not met, so that nothing was stored;
   * statements after it are outside of any transaction.
   */
  async commit(): Promise<boolean> {
    this.#options.onCommit?.()
    this.post('COMMIT')
    this.#hasCommitted = true
    this.#isCommitting = true
    try {
      await this.settle()
      return !this.#isRefused
    } finally {
      this.#isCommitting = false
      this.#isRefused = false
    }
  }

  #send<Result>(statement: Statement, read: (answer: Answer) => Result): Promise<Result> {
    const result = this.#ask(statement).then(read)
    // Whoever waits for it sees the failure. An operation that has ended by another one does not wait any more.
    result.catch(ignore)
    return result
  }

  async #ask({ sql, values, isRequired = false }: Statement): Promise<Answer> {
    this.#options.onStatement?.(sql, values)
    if (this.#isAnswered) this.#roundTrips += 1
    this.#isAnswered = false
    this.#gather()
    try {
      const result = await this.#options.client.query<SqlOutput[]>({
        ...this.#options.statements.find(sql),
        values: [...values],
        rowMode: 'array',
      })
      return { rows: result.rows, count: result.rowCount ?? 0 }
    } catch (error) {
      return this.#fail(error, isRequired)
    } finally {
      this.#isAnswered = true
    }
  }

  /** Has what is sent before the program waits again written to the socket as one piece: each write costs a system call. */
  #gather(): void {
    if (this.#isGathering) return
    this.#isGathering = true
    const { stream } = this.#options.client.connection
    stream.cork()
    process.nextTick(() => {
      this.#isGathering = false
      stream.uncork()
    })
  }

  #fail(error: unknown, isRequired: boolean): Answer {
    const nothing = { rows: [], count: 0 }
    const state = sqlState(error)
    const isConsequence = state === sqlStates.transactionAborted
    if (isRequired && state === sqlStates.divisionByZero) this.#isRefused = true
    if (this.#isRefused && (isRequired || isConsequence)) return nothing
    if (error instanceof Error && !isConsequence) this.#failure ??= error
    if (this.#isCommitting) return nothing
    throw this.#failure ?? error
  }
}

function ignore(): void {}

/** A statement on its way. */
interface Statement {
  readonly sql: string
  readonly values: readonly SqlValue[]
  readonly isRequired?: boolean
}

/** What came of a statement. */
interface Answer {
  readonly rows: readonly SqlRow[]
  readonly count: number
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
