import { asText, type SqlOutput, type SqlRow } from '../engine/sql-value.ts'
import type { SqlConnection, SqlValue } from './sql-connection.ts'

/**
 * The rows of a query with so many columns, texts and numbers only, each column sent as one list. Where some hundred rows are read, a third
 * of the work is left: the driver takes every value of a row out of the answer by itself.
 */
export async function readPacked(
  connection: SqlConnection,
  columnCount: number,
  query: { readonly sql: string; readonly values: readonly SqlValue[] },
): Promise<readonly SqlRow[]> {
  const row = await connection.get(packedSql(columnCount, query.sql), ...query.values)
  return row === undefined ? [] : unpack(row)
}

/** A query whose one row has each column of another query as a list, of which there are so many; in the order of its rows. */
export function packedSql(columnCount: number, sql: string): string {
  const columns = Array.from({ length: columnCount }, (_, index) => `c${index}`)
  const lists = columns.map((column) => `json_agg(packed.${column})::text`).join(', ')
  return `SELECT ${lists} FROM (${sql}) packed (${columns.join(', ')})`
}

/** The rows in the lists of {@link packedSql}. */
export function unpack(lists: SqlRow): readonly SqlRow[] {
  if (lists[0] === undefined || lists[0] === null) return []
  return toRows(lists.map((list) => JSON.parse(asText(list)) as readonly SqlOutput[]))
}

/** By hand, as it is done for some thousand values. */
function toRows(columns: readonly (readonly SqlOutput[])[]): readonly SqlRow[] {
  const rows: SqlRow[] = []
  const count = columns[0]?.length ?? 0
  for (let index = 0; index < count; index += 1) {
    const row: SqlOutput[] = []
    for (const column of columns) row.push(column[index] ?? null)
    rows.push(row)
  }
  return rows
}
