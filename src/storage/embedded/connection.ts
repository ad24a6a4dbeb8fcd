import { constants, DatabaseSync, type StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { CommonTerms } from '../engine/common-terms.ts'
import type { SqlInput, SqlOutput, SqlRow } from '../engine/sql-value.ts'
import { VectorCache } from './vector-cache.ts'

/** How a {@link Connection} is opened. */
export interface ConnectionOptions {
  /** How long SQLite itself waits for a lock, in milliseconds. Default: 0. */
  readonly timeout?: number
  /** Opens the file as one that is only read; `immutable` as one that nobody else changes either, without locks. Default: to write. */
  readonly only?: 'read' | 'immutable'
  /** What a database in memory begins with. Default: it is empty. */
  readonly image?: Uint8Array
  /** Called with every statement and its values before it runs; for tests and measurements. */
  readonly onStatement?: (sql: string, values: readonly SqlInput[]) => void
  /** Called, perhaps several times, when SQLite plans a statement; for tests and measurements. */
  readonly onPlan?: () => void
}

/** More texts than the operations can produce; a guard against leaks, not a working limit. */
const mostStatements = 500

function toPlace(location: string, { only }: ConnectionOptions): string | URL {
  if (only !== 'immutable') return location
  const url = pathToFileURL(location)
  url.search = '?immutable=1'
  return url
}

/** One synchronous connection to an SQLite file with its prepared statements. Rows come as lists of columns. */
export class Connection {
  /** The file, or `:memory:`. */
  readonly location: string
  /** The vectors that were compared last, which reading them each time would cost much more than comparing them. */
  readonly vectorCache = new VectorCache()
  /** What searches have learnt of terms. */
  readonly commonTerms = new CommonTerms()
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #onStatement: ConnectionOptions['onStatement']

  constructor(location: string, options: ConnectionOptions = {}) {
    this.location = location
    this.#onStatement = options.onStatement
    this.#database = new DatabaseSync(toPlace(location, options), {
      timeout: options.timeout ?? 0,
      readOnly: options.only !== undefined,
    })
    if (options.image !== undefined) this.#database.deserialize(options.image)
    const { onPlan } = options
    if (onPlan !== undefined) {
      this.#database.setAuthorizer(() => {
        onPlan()
        return constants.SQLITE_OK
      })
    }
    this.#database.function('fold', { deterministic: true }, (text) =>
      typeof text === 'string' ? text.toLowerCase() : null,
    )
  }

  /** Whether a transaction is open. */
  get isTransaction(): boolean {
    return this.#database.isTransaction
  }

  /** Every row of a query. */
  all(sql: string, ...values: SqlInput[]): SqlRow[] {
    return toRows(this.#prepare(sql, values).all(...values))
  }

  /** The first row of a query, if any. */
  get(sql: string, ...values: SqlInput[]): SqlRow | undefined {
    const row = this.#prepare(sql, values).get(...values)
    return row === undefined ? undefined : toRow(row)
  }

  /** The rows of a query one by one; to be read to the end before the same query is begun again. */
  *each(sql: string, ...values: SqlInput[]): Generator<SqlRow, void> {
    for (const row of this.#prepare(sql, values).iterate(...values)) yield toRow(row)
  }

  /** Runs a change; returns how many rows it touched. */
  run(sql: string, ...values: SqlInput[]): number {
    return Number(this.#prepare(sql, values).run(...values).changes)
  }

  /** Runs a change whose count nobody needs. */
  post(sql: string, ...values: SqlInput[]): void {
    this.run(sql, ...values)
  }

  /** Runs statements that are used once, such as those of a migration. */
  exec(sql: string): void {
    this.#database.exec(sql)
  }

  /** The whole database as bytes that another one in memory can begin with. */
  serialize(): Uint8Array {
    return this.#database.serialize()
  }

  /** Closes the file. */
  close(): void {
    this.#statements.clear()
    this.vectorCache.clear()
    this.#database.close()
  }

  #prepare(sql: string, values: readonly SqlInput[]): StatementSync {
    this.#onStatement?.(sql, values)
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(plannedOnce(sql))
    statement.setReturnArrays(true)
    if (this.#statements.size >= mostStatements) this.#statements.clear()
    this.#statements.set(sql, statement)
    return statement
  }
}

/**
 * The statement as SQLite plans it once for all values: the number after a bare `LIMIT ?` it takes into account, and so
 * plans the statement anew each time one is bound, which takes longer than most of ours run.
 */
function plannedOnce(sql: string): string {
  return sql.replaceAll(/\bLIMIT \?/g, 'LIMIT ? + 0')
}

/** `setReturnArrays(true)` makes rows lists, which the driver's types do not say. */
function toRows(rows: unknown): SqlRow[] {
  return rows as SqlOutput[][]
}

function toRow(row: unknown): SqlRow {
  return row as SqlOutput[]
}
