import { addCursor, cursorsOf, selectKeys, type KeysetPage } from '../engine/keyset.ts'
import type { QueryConditions } from '../engine/query-conditions.ts'
import type { SqlInput } from '../engine/sql-value.ts'
import type { Connection } from './connection.ts'

/** Adds the conditions for the cursors that are given. */
export function addCursors(
  conditions: QueryConditions<SqlInput>,
  connection: Connection,
  page: KeysetPage,
): void {
  for (const cursor of cursorsOf(page)) {
    const { sql, values } = selectKeys(page, cursor.id)
    addCursor(conditions, { keyset: page, cursor }, connection.get(sql, ...values))
  }
}
