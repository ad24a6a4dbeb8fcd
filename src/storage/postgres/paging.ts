import { addCursor, cursorsOf, selectKeys, type KeysetPage } from '../engine/keyset.ts'
import type { QueryConditions } from '../engine/query-conditions.ts'
import type { SqlConnection, SqlValue } from './sql-connection.ts'

/** Adds the conditions for the cursors that are given. */
export async function addCursors(
  conditions: QueryConditions<SqlValue>,
  connection: SqlConnection,
  page: KeysetPage,
): Promise<void> {
  for (const cursor of cursorsOf(page)) {
    const { sql, values } = selectKeys(page, cursor.id)
    addCursor(conditions, { keyset: page, cursor }, await connection.get(sql, ...values))
  }
}
