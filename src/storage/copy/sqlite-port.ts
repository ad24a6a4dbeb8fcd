import { AppError } from '../../errors/app-error.ts'
import { connectToRead } from '../embedded/connect-to-read.ts'
import { Connection, type ConnectionOptions } from '../embedded/connection.ts'
import { findDataFolder, hasDatabase, type DataFolder } from '../embedded/data-folder.ts'
import {
  listOwners,
  lockProcess,
  ownerStateIn,
  type ProcessLock,
} from '../embedded/process-lock.ts'
import { retrievalMigration } from '../migrations/retrieval/retrieval.ts'
import { asText, type SqlRow } from '../engine/sql-value.ts'
import { isUnwritable, toStorageError } from '../embedded/sqlite-error.ts'
import { openStore } from '../open-store.ts'
import {
  engineColumns,
  keyOf,
  searchDocuments,
  vectorColumn,
  vectorTable,
  type FactChange,
  type PortRow,
  type PortTable,
  type TablePort,
} from './table-port.ts'

const lockTimeoutMs = 5000

/** How many numbers the texts of a tenant have in the full-text index; two million tenants have room. */
const numbersOfTenant = 2 ** 32

/**
 * The tables of the database in a data folder, which is brought up to date first. A source is read in one snapshot.
 * `not_found` for a source that is not there.
 * A target must not be open in another process: `storage_busy`.
 */
export async function openSqlitePort(options: {
  readonly location: string
  readonly isTarget: boolean
}): Promise<TablePort> {
  if (!options.isTarget && !hasDatabase(options.location)) {
    throw new AppError(
      'not_found',
      `Cannot read the database in ${options.location}: there is none. Check the path; nothing was made there.`,
    )
  }
  const store = await openStore({
    location: options.location,
    acceptsPartialCopy: options.isTarget,
  })
  const { schemaVersion } = store.description
  await store.close()
  const folder = findDataFolder(options.location)
  const lock = options.isTarget ? lockAlone(folder) : lockSource(folder)
  const connect = options.isTarget ? toConnection : connectToRead
  const connection = connect(folder.databaseFile, { timeout: lockTimeoutMs })
  connection.exec('PRAGMA synchronous = FULL')
  if (!options.isTarget) connection.exec('BEGIN')
  return new SqlitePort({
    connection,
    location: folder.path,
    schemaVersion,
    release: () => lock?.release(),
  })
}

function toConnection(file: string, options: ConnectionOptions): Connection {
  return new Connection(file, options)
}

function lockAlone({ path, processFolder }: DataFolder): ProcessLock {
  const lock = lockProcess(processFolder)
  const others = listOwners(processFolder).filter((owner) => owner !== lock.owner)
  if (!others.some((other) => ownerStateIn(processFolder, other) === 'alive')) return lock
  lock.release()
  throw new AppError(
    'storage_busy',
    `Cannot write to ${path}: another process has it open. Stop that process first.`,
    { data: { location: path } },
  )
}

/** A folder that cannot be written can be copied: a full disk is a reason to move. */
function lockSource({ processFolder }: DataFolder): ProcessLock | null {
  try {
    return lockProcess(processFolder)
  } catch (error) {
    if (isUnwritable(error)) return null
    throw error
  }
}

/** The tables of an open database. */
export class SqlitePort implements TablePort {
  readonly location: string
  readonly schemaVersion: number
  readonly #connection: Connection
  readonly #release: () => void
  #hasPlaces = false

  constructor(options: {
    readonly connection: Connection
    readonly location: string
    readonly schemaVersion: number
    readonly release: () => void
  }) {
    this.#connection = options.connection
    this.location = options.location
    this.schemaVersion = options.schemaVersion
    this.#release = options.release
  }

  async listTables(): Promise<readonly PortTable[]> {
    const rows = this.#connection.all(
      `SELECT list.name, info.name, info.pk FROM pragma_table_list list, pragma_table_info(list.name) info
       WHERE list.schema = 'main' AND list.type = 'table' AND EXISTS (
         SELECT 1 FROM pragma_table_info(list.name) tenant WHERE tenant.name = 'tenant_id')
       ORDER BY list.name, info.name`,
    )
    const shared = rows.filter(([, column]) => !engineColumns.has(asText(column)))
    const tables = Map.groupBy(shared, ([name]) => asText(name))
    tables.delete(searchDocuments.name)
    return [...tables].map(toTable).concat(searchDocuments)
  }

  async countRows(table: PortTable): Promise<number> {
    return Number(this.#connection.get(`SELECT count(*) FROM ${table.name}`)?.[0])
  }

  async readRows(
    table: PortTable,
    page: { readonly after: PortRow | null; readonly limit: number },
  ): Promise<readonly PortRow[]> {
    const key = table.key.map(quote)
    const after = page.after ?? []
    const marks = after.map(() => '?').join(', ')
    const condition = page.after === null ? '' : `WHERE (${key.join(', ')}) > (${marks})`
    return this.#connection
      .all(
        `SELECT ${table.columns.map(quote).join(', ')} FROM ${table.name} ${condition}
         ORDER BY ${key.join(', ')} LIMIT ?`,
        ...after,
        page.limit,
      )
      .map(toPortRow)
  }

  async writeRows(table: PortTable, rows: readonly PortRow[]): Promise<void> {
    const marks = table.columns.map((column) => markOf(table, column)).join(', ')
    const columns = table.columns.map(quote).join(', ')
    const isIndex = this.#isIndex(table)
    const insert = isIndex
      ? `INSERT INTO ${table.name} (document, ${columns}) SELECT ${documentNumber}, ${marks} FROM ${placeOfText}`
      : `INSERT INTO ${table.name} (${columns}) VALUES (${marks})`
    if (isIndex) this.#placeTexts()
    this.#transact(() => {
      for (const row of rows)
        this.#connection.run(insert, ...row, ...(isIndex ? keyOf(table, row) : []))
      if (isIndex) this.#index(table, rows)
    })
  }

  async removeRows(table: PortTable, keys: readonly PortRow[]): Promise<void> {
    const isKey = table.key.map((column) => `${quote(column)} = ?`).join(' AND ')
    this.#transact(() => {
      for (const key of keys) {
        if (this.#isIndex(table)) this.#connection.run(unindex, key[0] ?? null, ...key)
        this.#connection.run(`DELETE FROM ${table.name} WHERE ${isKey}`, ...key)
      }
    })
  }

  async readFact(name: string): Promise<string | null> {
    const row = this.#connection.get('SELECT value FROM database_facts WHERE name = ?', name)
    return row === undefined ? null : asText(row[0])
  }

  async mark({ name, value, emptied }: FactChange): Promise<void> {
    this.#transact(() => {
      this.#connection.run('DELETE FROM database_facts WHERE name = ?', name)
      if (value !== null) {
        this.#connection.run('INSERT INTO database_facts (name, value) VALUES (?, ?)', name, value)
      }
      for (const table of emptied) this.#connection.run(`DELETE FROM ${table.name}`)
    })
  }

  async close(): Promise<void> {
    if (this.#connection.isTransaction) this.#connection.exec('ROLLBACK')
    this.#connection.close()
    this.#release()
  }

  /** Whether rows of this table are in the full-text index; an older database gets its index anew when it is migrated. */
  #isIndex(table: PortTable): boolean {
    return table.name === searchDocuments.name && this.schemaVersion >= retrievalMigration.number
  }

  /** Texts are there before the index is; they are placed once. */
  #placeTexts(): void {
    if (this.#hasPlaces) return
    this.#transact(() => this.#connection.exec(placeTexts))
    this.#hasPlaces = true
  }

  /** The full-text index reads its texts from the table by number. */
  #index(table: PortTable, rows: readonly PortRow[]): void {
    for (const row of rows) {
      this.#connection.run(
        `INSERT INTO search_index (rowid, own, speaker, dates)
         SELECT document, own, speaker, dates FROM search_terms WHERE ${ofDocument}`,
        keyOf(table, row)[0] ?? null,
        ...keyOf(table, row),
      )
    }
  }

  #transact(change: () => void): void {
    try {
      this.#connection.run('BEGIN IMMEDIATE')
      change()
      this.#connection.run('COMMIT')
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.run('ROLLBACK')
      throw toStorageError(error, this.location)
    }
  }
}

/** The terms of one text; its values are those of the key, with the tenant once more before them. */
const ofDocument = `tenant_id = ? AND document = (
  SELECT document FROM search_documents WHERE tenant_id = ? AND item_id = ?)`

/** Takes a text out of the full-text index, which has to be told what it holds of it. */
const unindex = `INSERT INTO search_index (search_index, rowid, own, speaker, dates)
  SELECT 'delete', document, own, speaker, dates FROM search_terms WHERE ${ofDocument}`

/**
 * Where each text stands among all: in the order of its tenant's sequence, which equals are shown in. Texts that follow each other
 * have numbers that do, from which a choice of candidates sees what stands around them; so each tenant has a range of its
 * own, and the first is left to texts without a sequence.
 */
const placeTexts = `
  CREATE TEMP TABLE text_places (tenant_id TEXT, item_id TEXT, number INTEGER, PRIMARY KEY (tenant_id, item_id)) WITHOUT ROWID;
  INSERT INTO text_places
    SELECT tenant_id, id, dense_rank() OVER (ORDER BY tenant_id) * ${numbersOfTenant}
      + row_number() OVER (PARTITION BY tenant_id ORDER BY sequence)
    FROM (
      SELECT tenant_id, id, sequence FROM messages WHERE searchable = 1 AND role <> 'system'
      UNION ALL SELECT tenant_id, id, sequence FROM passages)`

/** The place of the text that the key of a row names. */
const placeOfText = `(SELECT (
    SELECT number FROM text_places WHERE tenant_id = ? AND item_id = ?) AS number) place`

/** That place, unless somebody has it, as texts may have gone between two runs of a copy; null = behind all that are there. */
const documentNumber = `CASE WHEN NOT EXISTS (
  SELECT 1 FROM search_documents taken WHERE taken.document = place.number) THEN place.number END`

function toTable([name, rows]: readonly [string, readonly SqlRow[]]): PortTable {
  const keyed = rows.filter((row) => Number(row[2]) > 0)
  return {
    name,
    columns: rows.map((row) => asText(row[1])),
    key: keyed.toSorted((a, b) => Number(a[2]) - Number(b[2])).map((row) => asText(row[1])),
  }
}

function markOf(table: PortTable, column: string): string {
  return table.name === vectorTable && column === vectorColumn ? 'unhex(?)' : '?'
}

function toPortRow(row: SqlRow): PortRow {
  return row.map((value) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
    if (value === null || typeof value === 'number' || typeof value === 'string') return value
    throw new TypeError('Cannot copy a column that is neither a number nor a text')
  })
}

function quote(column: string): string {
  return `"${column}"`
}
