import { Connection } from '../storage/embedded/connection.ts'
import { migrate } from '../storage/embedded/migrate.ts'
import { asText, type SqlInput, type SqlOutput } from '../storage/engine/sql-value.ts'

const emptyIndex = `INSERT INTO search_index (search_index) VALUES ('delete-all')`

/** Rows that a table has in a database that was just made. */
interface FirstRows {
  readonly table: string
  readonly rows: readonly (readonly SqlInput[])[]
}

/** A database with every table and nothing in it, as bytes, and how to get another one back to it. */
interface Pristine {
  readonly image: Uint8Array
  readonly tables: readonly string[]
  readonly firstRows: readonly FirstRows[]
}

/**
 * Databases in memory that tests borrow one after the other. A new one is a copy of a prepared image, and one that comes
 * back is emptied: it keeps its statements, whose planning would take longer than most tests run them.
 */
export class MemoryDatabases {
  readonly #idle: Connection[] = []
  #pristine: Pristine | null = null

  /** A database with what the migrations leave in one. */
  borrow(): Connection {
    this.#pristine ??= preparePristine()
    return this.#idle.pop() ?? new Connection(':memory:', { image: this.#pristine.image })
  }

  /** Takes one back that nobody uses any more. */
  giveBack(connection: Connection): void {
    if (this.#pristine === null) throw new Error('The database was not borrowed here')
    empty(connection, this.#pristine)
    this.#idle.push(connection)
  }
}

function preparePristine(): Pristine {
  const connection = new Connection(':memory:')
  try {
    migrate(connection, { backupFolder: null, now: Date.now() })
    connection.run(emptyIndex)
    const tables = connection
      .all(
        `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'`,
      )
      .map(([name]) => asText(name))
    const firstRows = tables
      .map((table) => ({
        table,
        rows: connection.all(`SELECT * FROM ${table}`).map((row) => row.map(toInput)),
      }))
      .filter(({ rows }) => rows.length > 0)
    return { image: connection.serialize(), tables, firstRows }
  } finally {
    connection.close()
  }
}

/** Takes back every row that was written since the database was made. */
function empty(connection: Connection, { tables, firstRows }: Pristine): void {
  if (connection.isTransaction) connection.run('ROLLBACK')
  connection.vectorCache.clear()
  connection.run('BEGIN')
  connection.run(emptyIndex)
  for (const table of tables) connection.run(`DELETE FROM ${table}`)
  for (const { table, rows } of firstRows) {
    const places = rows[0]?.map(() => '?').join(', ')
    for (const row of rows) connection.run(`INSERT INTO ${table} VALUES (${places})`, ...row)
  }
  connection.run('COMMIT')
}

function toInput(value: SqlOutput): SqlInput {
  if (typeof value === 'object' && value !== null) throw new Error('No table begins with bytes')
  return typeof value === 'bigint' ? Number(value) : value
}
