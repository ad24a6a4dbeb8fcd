import pg from 'pg'
import { openSqlitePort } from '../../src/storage/copy/sqlite-port.ts'
import { searchDocuments, type PortRow, type PortTable } from '../../src/storage/copy/table-port.ts'
import { fromTokenText } from '../../src/storage/engine/search-rows.ts'
import { openStore } from '../../src/storage/open-store.ts'
import { toTermKeys } from '../../src/storage/postgres/term-key.ts'
import { cloneRows, lastSequence, type Template } from './template.ts'

/** Where the agents go, and how many. */
export interface FillOptions {
  /** A data folder or the URL of a database; empty. */
  readonly location: string
  readonly template: Template
  readonly agents: number
  /** Called now and then with how many agents there are. */
  progress(agents: number): void
}

/** About as many rows are written at once. */
const batchRows = 20_000

/** Writes clones of the template's agent as a copy between engines would: exactly the rows of the store. */
export async function fill(options: FillOptions): Promise<void> {
  await (await openStore({ location: options.location })).close()
  const writer = options.location.startsWith('postgres')
    ? await openPostgresWriter(options.location)
    : await openSqliteWriter(options.location)
  const { template } = options
  const { tenantId } = template.scope
  const most = Math.max(...template.tables.map(({ rows }) => rows.length))
  const batch = Math.max(1, Math.floor(batchRows / most))
  await writer.write({ name: 'sequences', columns: ['tenant_id', 'value'], key: ['tenant_id'] }, [
    [tenantId, lastSequence(options.agents)],
  ])
  for (let first = 0; first < options.agents; first += batch) {
    const count = Math.min(batch, options.agents - first)
    for (const table of template.tables) {
      const rows: PortRow[] = []
      for (let index = 0; index < count; index += 1) {
        for (const row of cloneRows(template, table, first + index + 1)) rows.push(row)
      }
      await writer.write(table.table, rows)
    }
    options.progress(first + count)
  }
  await writer.close()
}

interface Writer {
  write(table: PortTable, rows: readonly PortRow[]): Promise<void>
  close(): Promise<void>
}

async function openSqliteWriter(location: string): Promise<Writer> {
  const port = await openSqlitePort({ location, isTarget: true })
  return { write: (table, rows) => port.writeRows(table, rows), close: () => port.close() }
}

/** Many rows in one statement: the copy's own way, row by row, would take an hour. */
async function openPostgresWriter(url: string): Promise<Writer> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query('SET synchronous_commit = off')
  const sequences = new Map<string, unknown>()
  return {
    async write(table, rows) {
      const objects = rows.map((row) =>
        Object.fromEntries(table.columns.map((column, index) => [column, row[index]])),
      )
      if (table.name === 'messages') {
        for (const { id, sequence } of objects) sequences.set(String(id), sequence)
      }
      const isIndex = table.name === searchDocuments.name
      const columns = isIndex ? [...table.columns, 'term_keys', 'sequence'] : table.columns
      const list = columns.map((column) => `"${column}"`).join(', ')
      const values = isIndex ? objects.map((object) => toIndexed(object, sequences)) : objects
      await client.query(
        `INSERT INTO ${table.name} (${list})
         SELECT ${list} FROM json_populate_recordset(NULL::${table.name}, $1)`,
        [JSON.stringify(values)],
      )
      if (isIndex) sequences.clear()
    },
    async close() {
      await client.query('VACUUM ANALYZE')
      await client.end()
    },
  }
}

/** A row of the index with what the engine adds. */
function toIndexed(
  row: Readonly<Record<string, unknown>>,
  sequences: ReadonlyMap<string, unknown>,
): Record<string, unknown> {
  const tokens = ['tokens', 'speaker', 'dates'].flatMap((column) =>
    fromTokenText(String(row[column] ?? '')),
  )
  return {
    ...row,
    term_keys: toTermKeys(String(row['tenant_scope']), tokens),
    sequence: sequences.get(String(row['item_id'])) ?? 0,
  }
}
