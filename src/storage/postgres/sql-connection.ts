import type { PoolClient } from 'pg'
import type { SqlRow } from '../engine/sql-value.ts'
import type { CommonTerms } from '../engine/common-terms.ts'
import type { HeldLists } from './held-lists.ts'
import type { LeaseClock } from './lease-clock.ts'
import { sqlState, sqlStates } from './postgres-error.ts'
import type { PreparedStatements } from './prepared-statements.ts'
import { type Answer, StatementBatch, StatementSkipped } from './statement-batch.ts'
import type { StatementTexts } from './statement-texts.ts'

/** What may be bound to a statement; a list is meant for `= ANY(?)`. */
export type SqlValue = null | number | string | readonly (number | string)[]

/** What a {@link SqlConnection} is made of. */
export interface SqlConnectionOptions {
  readonly client: Pick<PoolClient, 'query'>
  /** What this connection has prepared. */
  readonly prepared: PreparedStatements
  /** The texts with their numbered marks, shared by all connections of a store. */
  readonly statements: StatementTexts
  /** The clock that leases are kept by. */
  readonly leaseClock: LeaseClock
  /** What searches have learnt of terms, shared by all connections of a store. */
  readonly commonTerms: CommonTerms
  /** The lists of terms that searches have read, shared likewise. */
  readonly heldLists: HeldLists
  /** How long the server has for each round trip, in milliseconds. */
  readonly answerWithinMs: number
  /** Called with the text of every statement before it is sent; for tests. */
  readonly onStatement?: ((sql: string, values: readonly SqlValue[]) => void) | undefined
  /** Called just before the commit is sent; what it throws ends the operation instead. */
  readonly onCommit?: (() => void) | undefined
}

/**
 * One connection to PostgreSQL for the time of one operation.
 *
 * What is sent before the program waits again goes as one {@link StatementBatch}, so an operation costs as many round
 * trips as it awaits; {@link SqlConnection.post} sends a change without waiting for its answer. An operation that may be
 * refused costs one when it says so to the database: what has to hold is sent as {@link SqlConnection.require}, and
 * {@link SqlConnection.commit} behind everything else, before anything was answered. What a posted statement failed with
 * is thrown by {@link SqlConnection.settle}.
 */
export class SqlConnection {
  /** The clock that leases are kept by. */
  readonly leaseClock: LeaseClock
  /** What searches have learnt of terms. */
  readonly commonTerms: CommonTerms
  /** The lists of terms that searches have read. */
  readonly heldLists: HeldLists
  readonly #options: SqlConnectionOptions
  #failure: Error | null = null
  #isRefused = false
  #isOpen = false
  #isCommitting = false
  /** Whether the server waits for the end of a transaction that failed before its commit. */
  #isAborted = false
  /** What is being gathered, and what was sent last. */
  #batch: StatementBatch | null = null
  #sent: StatementBatch | null = null
  #roundTrips = 0

  constructor(options: SqlConnectionOptions) {
    this.#options = options
    this.leaseClock = options.leaseClock
    this.commonTerms = options.commonTerms
    this.heldLists = options.heldLists
  }

  /** What the first statement that failed by itself failed with; later ones only report the aborted transaction. */
  get failure(): Error | null {
    return this.#failure
  }

  /** Whether a transaction has begun and was not ended yet, well or refused. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** How often statements were sent after the answer to earlier ones, the first time included. */
  get roundTrips(): number {
    return this.#roundTrips
  }

  /** Begins a transaction: the first one, or another one after one that was refused. */
  begin(): void {
    this.#isOpen = true
    this.post('BEGIN')
  }

  /** Begins a transaction that only reads, all of it from one state of the database. */
  beginRead(): void {
    this.#isOpen = true
    this.post('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
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
    void this.run(sql, ...values)
  }

  /**
   * Ends a transaction that changed nothing, or what is left of one that was refused. Nobody has to wait for that, so it
   * is no round trip: the next user's statements queue behind it.
   */
  finish(): void {
    const roundTrips = this.#roundTrips
    if (this.#isOpen) this.post('COMMIT')
    else if (this.#isAborted) this.#gather()
    // The next user may write to the connection before anything else happens.
    this.#flush()
    this.#isOpen = false
    this.#roundTrips = roundTrips
  }

  /** Gives up the transaction, if there is one, after everything that was sent: not with it, as the server may pass it over. */
  async rollBack(): Promise<void> {
    await this.#settled
    this.#isOpen = false
    this.#isAborted = true
    await this.#gather().done
  }

  /** Waits for everything posted; throws the first failure. */
  async settle(): Promise<void> {
    await this.#settled
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
    this.#isOpen = false
    this.#isCommitting = true
    try {
      await this.settle()
      return !this.#isRefused
    } finally {
      // The server passed the commit over together with everything else behind what failed.
      this.#isAborted = this.#isRefused || this.#failure !== null
      this.#isCommitting = false
      this.#isRefused = false
    }
  }

  #send<Result>(statement: Statement, read: (answer: Answer) => Result): Promise<Result> {
    const { sql, values, isRequired = false } = statement
    this.#options.onStatement?.(sql, values)
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    // Whoever waits for it sees the failure. An operation that has ended by another one does not wait any more.
    promise.catch(() => undefined)
    this.#gather().add({
      ...this.#options.statements.find(sql),
      values: values.map(toParameter),
      onAnswer: (answer) => resolve(read(answer)),
      onFailure: (error) => {
        const failure = this.#fail(error, isRequired)
        if (failure === null) resolve(read(nothing))
        else reject(failure)
      },
    })
    return promise
  }

  /** Resolves when everything that was sent is answered. */
  get #settled(): Promise<void> {
    return (this.#batch ?? this.#sent)?.done ?? Promise.resolve()
  }

  /** The batch that is sent when the program waits again. */
  #gather(): StatementBatch {
    if (this.#batch !== null) return this.#batch
    this.#batch = new StatementBatch(this.#options.prepared, this.#options.answerWithinMs)
    this.#roundTrips += 1
    process.nextTick(() => this.#flush())
    if (this.#isAborted) {
      this.#isAborted = false
      this.post('ROLLBACK')
    }
    return this.#batch
  }

  /** Sends what was gathered, after the batch before it was answered. */
  #flush(): void {
    const [batch, before] = [this.#batch, this.#sent]
    if (batch === null) return
    this.#batch = null
    this.#sent = batch
    if (before === null || before.isOver) this.#options.client.query(batch)
    else void before.done.then(() => this.#options.client.query(batch))
  }

  /** What a statement fails with; null when it counts as one that found nothing. */
  #fail(error: Error, isRequired: boolean): Error | null {
    const state = sqlState(error)
    const isConsequence =
      error instanceof StatementSkipped || state === sqlStates.transactionAborted
    if (isRequired && state === sqlStates.divisionByZero) this.#isRefused = true
    if (this.#isRefused && (isRequired || isConsequence)) return null
    if (!isConsequence) this.#failure ??= error
    return this.#isCommitting ? null : (this.#failure ?? error)
  }
}

const nothing: Answer = { rows: [], count: 0 }

/** A value as the server reads it; a list is written as `{"a","b"}`. */
function toParameter(value: SqlValue): string | null {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  return `{${value.map((item) => (typeof item === 'number' ? String(item) : quote(item))).join(',')}}`
}

function quote(item: string): string {
  // Most items are ids, of which a search sends some hundred.
  if (!item.includes('"') && !item.includes('\\')) return `"${item}"`
  return `"${item.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

/** A statement on its way. */
interface Statement {
  readonly sql: string
  readonly values: readonly SqlValue[]
  readonly isRequired?: boolean
}
