import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** One statement as the store ran it. */
export interface RecordedStatement {
  readonly sql: string
  readonly values: readonly (string | number | null | readonly (string | number)[])[]
}

/** Runs the store's own statements again on a copy of its database, with nothing but the driver. */
export class RawReplay implements Disposable {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(file: string) {
    this.#database = new DatabaseSync(file)
    this.#database.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
    this.#database.exec('PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY')
  }

  /** Runs the statements; returns how long that took, in milliseconds. */
  run(recorded: readonly RecordedStatement[]): number {
    const prepared = recorded.map(({ sql, values }) => [this.#prepare(sql), values] as const)
    const begun = performance.now()
    for (const [statement, values] of prepared) statement.all(...values.map(toScalar))
    return performance.now() - begun
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }

  #prepare(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

/** The embedded engine binds no lists. */
function toScalar(value: RecordedStatement['values'][number]): string | number | null {
  if (typeof value === 'object' && value !== null) throw new TypeError('Cannot bind a list')
  return value
}
