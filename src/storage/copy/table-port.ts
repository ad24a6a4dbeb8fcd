/** A value of a column that both engines have. */
export type PortValue = null | number | string

/** A row as the list of its columns. */
export type PortRow = readonly PortValue[]

/** A table as it is copied. */
export interface PortTable {
  readonly name: string
  /** The columns that both engines store, in alphabetical order. */
  readonly columns: readonly string[]
  /** The columns of the primary key, in its order; rows are read in the order of their bytes. */
  readonly key: readonly string[]
}

/** What moves rows in or out of one database, whatever its engine. */
export interface TablePort {
  /** A path or a URL without credentials. */
  readonly location: string
  readonly schemaVersion: number
  /** Every table of the tenants, those that others are computed from first. */
  listTables(): Promise<readonly PortTable[]>
  countRows(table: PortTable): Promise<number>
  /** The next rows after a key (null = from the beginning), in the order of the key. */
  readRows(
    table: PortTable,
    page: { readonly after: PortRow | null; readonly limit: number },
  ): Promise<readonly PortRow[]>
  /** Stores rows in one transaction; `conflict` when one of them exists. */
  writeRows(table: PortTable, rows: readonly PortRow[]): Promise<void>
  /** Removes the rows of some keys in one transaction. */
  removeRows(table: PortTable, keys: readonly PortRow[]): Promise<void>
  /** A fact about the database, or null. */
  readFact(name: string): Promise<string | null>
  /** Stores a fact, or removes it, and removes all rows of some tables in the same transaction. */
  mark(change: FactChange): Promise<void>
  close(): Promise<void>
}

/** What {@link TablePort.mark} changes. */
export interface FactChange {
  readonly name: string
  /** Null removes the fact. */
  readonly value: string | null
  readonly emptied: readonly PortTable[]
}

/** Columns that one engine has for itself; a copy begins with their defaults. */
export const engineColumns: ReadonlySet<string> = new Set([
  'changed',
  'removed',
  'indexed_count',
  'indexed_dimension',
])

/** The column that each engine stores in a way of its own; copied as the bytes of its floats in hexadecimal digits. */
export const vectorColumn = 'embedding'

/** The table of that column. */
export const vectorTable = 'vectors'

/** The columns of the full-text index that both engines store; each adds what its own index needs. */
export const searchDocuments: PortTable = {
  name: 'search_documents',
  columns: [
    'conversation_id',
    'created_at',
    'dates',
    'is_question',
    'is_temporal',
    'item_id',
    'listener_share',
    'place',
    'role',
    'session',
    'speaker',
    'tenant_id',
    'tenant_scope',
    'thread',
    'token_count',
    'tokens',
    'word_count',
  ],
  key: ['tenant_id', 'item_id'],
}

/** The values of a row's key. */
export function keyOf(table: PortTable, row: PortRow): PortRow {
  return table.key.map((column) => row[table.columns.indexOf(column)] ?? null)
}
