import pg from 'pg'
import { fromTokenText } from '../engine/search-rows.ts'
import { openStore } from '../open-store.ts'
import { parseDatabaseUrl } from '../postgres/database-url.ts'
import { toStorageError } from '../postgres/postgres-error.ts'
import { toTermKeys } from '../postgres/term-key.ts'
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

/** The type number of whole numbers of 64 bits, which the driver would return as text. */
const int8 = 20

/** The tables of a database on a PostgreSQL server, which is brought up to date first. A source is read in one snapshot. */
export async function openPostgresPort(options: {
  readonly location: string
  readonly isTarget: boolean
}): Promise<TablePort> {
  const store = await openStore({
    location: options.location,
    acceptsPartialCopy: options.isTarget,
  })
  const { schemaVersion, location } = store.description
  await store.close()
  const { connectionString } = parseDatabaseUrl(options.location)
  const client = new pg.Client({
    connectionString,
    application_name: 'letta-ts copy',
    pipeline: true,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === int8
          ? Number
          : (pg.types.getTypeParser(oid, format ?? 'text') as (value: string) => unknown),
    },
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    if (!options.isTarget) await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  } catch (error) {
    throw toStorageError(error, location)
  }
  return new PostgresPort(client, { location, schemaVersion })
}

/** The tables of a database over an open connection. */
export class PostgresPort implements TablePort {
  readonly location: string
  readonly schemaVersion: number
  readonly #client: pg.Client

  constructor(
    client: pg.Client,
    facts: { readonly location: string; readonly schemaVersion: number },
  ) {
    this.#client = client
    this.location = facts.location
    this.schemaVersion = facts.schemaVersion
  }

  async listTables(): Promise<readonly PortTable[]> {
    const rows = await this.#query(
      `SELECT t.relname, array_agg(a.attname::text ORDER BY a.attname::text COLLATE "C")::text[],
         (SELECT array_agg(k.attname::text ORDER BY part.number)::text[]
          FROM pg_index i, unnest(i.indkey) WITH ORDINALITY part (attnum, number)
          JOIN pg_attribute k ON k.attnum = part.attnum
          WHERE i.indrelid = t.oid AND i.indisprimary AND k.attrelid = t.oid)
       FROM pg_class t
       JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE t.relkind IN ('r', 'p') AND pg_table_is_visible(t.oid)
         AND t.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
       GROUP BY t.oid, t.relname
       HAVING bool_or(a.attname = 'tenant_id') ORDER BY t.relname COLLATE "C"`,
    )
    const tables: PortTable[] = rows.map(([name, columns, key]) => ({
      name: String(name),
      columns: toTexts(columns).filter((column) => !engineColumns.has(column)),
      key: toTexts(key),
    }))
    return tables.filter(({ name }) => name !== searchDocuments.name).concat(searchDocuments)
  }

  async countRows(table: PortTable): Promise<number> {
    const [row] = await this.#query(`SELECT count(*) FROM ${table.name}`)
    return Number(row?.[0])
  }

  async readRows(
    table: PortTable,
    page: { readonly after: PortRow | null; readonly limit: number },
  ): Promise<readonly PortRow[]> {
    const key = table.key.map(quote).join(', ')
    const after = page.after ?? []
    const marks = after.map((_, index) => `$${index + 2}`).join(', ')
    const condition = page.after === null ? '' : `WHERE (${key}) > (${marks})`
    const rows = await this.#query(
      `SELECT ${listOf(table)} FROM ${table.name} ${condition}
       ORDER BY ${key} LIMIT $1`,
      [page.limit, ...after],
    )
    return rows.map((row) => toPortRow(table, row))
  }

  async writeRows(table: PortTable, rows: readonly PortRow[]): Promise<void> {
    const isIndex = table.name === searchDocuments.name
    const columns = table.columns.map(quote)
    const list = isIndex ? [...columns, 'term_keys', 'sequence'] : columns
    await this.#transact(async () => {
      await Promise.all(
        rows.map(async (row) => {
          const values: unknown[] = [...row]
          const marks = row.map((_, index) => `$${index + 1}`)
          const vector = vectorIndex(table)
          if (vector >= 0) {
            values[vector] = fromHex(String(row[vector]))
            marks[vector] += '::real[]'
          }
          if (isIndex) {
            values.push(termKeysOf(table, row), ...keyOf(table, row))
            const [keys, tenant, item] = [1, 2, 3].map((step) => `$${row.length + step}`)
            marks.push(`${keys}::bigint[]`, sequenceOf(tenant ?? '', item ?? ''))
          }
          await this.#query(
            `INSERT INTO ${table.name} (${list.join(', ')}) VALUES (${marks.join(', ')})`,
            values,
          )
        }),
      )
    })
  }

  async removeRows(table: PortTable, keys: readonly PortRow[]): Promise<void> {
    const isKey = table.key.map((column, index) => `${quote(column)} = $${index + 1}`).join(' AND ')
    await this.#transact(async () => {
      const text = `DELETE FROM ${table.name} WHERE ${isKey}`
      await Promise.all(keys.map(async (key) => await this.#query(text, key)))
    })
  }

  async readFact(name: string): Promise<string | null> {
    const [row] = await this.#query('SELECT value FROM database_facts WHERE name = $1', [name])
    return row === undefined ? null : String(row[0])
  }

  async mark({ name, value, emptied }: FactChange): Promise<void> {
    await this.#transact(async () => {
      await this.#query('DELETE FROM database_facts WHERE name = $1', [name])
      if (value !== null) {
        await this.#query('INSERT INTO database_facts (name, value) VALUES ($1, $2)', [name, value])
      }
      for (const table of emptied) await this.#query(`DELETE FROM ${table.name}`)
    })
  }

  async close(): Promise<void> {
    await this.#client.end()
  }

  async #transact(change: () => Promise<void>): Promise<void> {
    await this.#query('BEGIN')
    try {
      await change()
      await this.#query('COMMIT')
    } catch (error) {
      await this.#client.query('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  async #query(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly (readonly unknown[])[]> {
    try {
      const result = await this.#client.query<unknown[]>({
        text,
        values: [...values],
        rowMode: 'array',
      })
      return result.rows
    } catch (error) {
      throw toStorageError(error, this.location)
    }
  }
}

/** The index's numbers are computed from the stored tokens, as they were when the text was stored. */
function termKeysOf(table: PortTable, row: PortRow): string[] {
  const at = (column: string): string => String(row[table.columns.indexOf(column)] ?? '')
  const terms = ['tokens', 'speaker', 'dates'].flatMap((column) => fromTokenText(at(column)))
  return toTermKeys(at('tenant_scope'), terms)
}

/** The number that a message or passage has in its tenant, as SQL. */
function sequenceOf(tenant: string, item: string): string {
  const from = (table: string): string =>
    `(SELECT sequence FROM ${table} WHERE tenant_id = ${tenant}::text AND id = ${item}::text)`
  return `coalesce(${from('messages')}, ${from('passages')}, 0)`
}

function toTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function vectorIndex(table: PortTable): number {
  return table.name === vectorTable ? table.columns.indexOf(vectorColumn) : -1
}

/** The columns of a table; floats as a text that is the same with and without the type for vectors. */
function listOf(table: PortTable): string {
  const columns = table.columns.map(quote)
  const vector = vectorIndex(table)
  if (vector >= 0) columns[vector] += '::real[]::text'
  return columns.join(', ')
}

function toHex(list: string): string {
  const floats = Float32Array.from(list.slice(1, -1).split(','), Number)
  return Buffer.from(floats.buffer).toString('hex')
}

function fromHex(digits: string): number[] {
  const bytes = Uint8Array.from(Buffer.from(digits, 'hex'))
  return [...new Float32Array(bytes.buffer)]
}

function toPortRow(table: PortTable, row: readonly unknown[]): PortRow {
  const vector = vectorIndex(table)
  return row.map((value, index) => {
    if (index === vector) return toHex(String(value))
    if (value === null || typeof value === 'number' || typeof value === 'string') return value
    throw new TypeError('Cannot copy a column that is neither a number nor a text')
  })
}

function quote(column: string): string {
  return `"${column}"`
}
