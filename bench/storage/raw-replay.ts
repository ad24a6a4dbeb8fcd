import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { findJson, readJson } from './json-columns.ts'
import type { Reading, RecordedStatement, Replay } from './replay.ts'

/** Runs the store's own statements again on a copy of its database, with nothing but the driver. */
export class RawReplay implements Replay, Disposable {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, Prepared>()

  constructor(file: string) {
    this.#database = new DatabaseSync(file)
    this.#database.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
    this.#database.exec('PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY')
  }

  /** Runs the statements; returns how long that took, in milliseconds. */
  run(recorded: readonly RecordedStatement[], reading: Reading): number {
    const prepared = recorded.map(({ sql, values }) => [this.#prepare(sql), values] as const)
    const begun = performance.now()
    for (const [{ statement, json }, values] of prepared) {
      const rows = statement.all(...values.map(toScalar))
      if (reading === 'objects') readJson(rows, json)
    }
    return performance.now() - begun
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    const prepared = { statement, json: findJson(statement.columns().map(({ name }) => name)) }
    this.#statements.set(sql, prepared)
    return prepared
  }
}

interface Prepared {
  readonly statement: StatementSync
  /** Its columns that hold JSON. */
  readonly json: readonly string[]
}

/** The embedded engine binds no lists. */
function toScalar(value: RecordedStatement['values'][number]): string | number | null {
  if (typeof value === 'object' && value !== null) throw new TypeError('Cannot bind a list')
  return value
}
