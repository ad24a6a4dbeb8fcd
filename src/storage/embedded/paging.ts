import type { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { notFound, type StoredKind } from '../engine/not-found.ts'
import type { SqlInput } from '../engine/sql-value.ts'

/** The order of a list and how its cursors are read. */
export interface Keyset {
  readonly kind: StoredKind
  readonly tenantId: string
  /** The table with its alias, such as `agents a`, and joins. */
  readonly from: string
  /** Expressions that order the list, all in the same direction; together unique. */
  readonly keys: readonly string[]
  /** The column the cursor's id is in. */
  readonly id: string
  readonly order: 'asc' | 'desc'
  /** Whether an unknown cursor is `not_found` or as if absent. */
  readonly unknown: 'reject' | 'ignore'
}

/** The ORDER BY of a keyset. */
export function orderBy(keyset: Keyset): string {
  const direction = keyset.order === 'asc' ? 'ASC' : 'DESC'
  return keyset.keys.map((key) => `${key} ${direction}`).join(', ')
}

/** Adds the conditions for the cursors that are given. */
export function addCursors(
  conditions: Conditions,
  connection: Connection,
  page: Keyset & { readonly after?: string | undefined; readonly before?: string | undefined },
): void {
  const forward = page.order === 'asc' ? '>' : '<'
  const backward = page.order === 'asc' ? '<' : '>'
  const keys = `(${page.keys.join(', ')})`
  const marks = `(${page.keys.map(() => '?').join(', ')})`
  for (const [cursor, comparison] of [
    [page.after, forward],
    [page.before, backward],
  ] as const) {
    if (cursor === undefined) continue
    const values = readCursor(connection, page, cursor)
    if (values !== null) conditions.add(`${keys} ${comparison} ${marks}`, ...values)
  }
}

function readCursor(connection: Connection, keyset: Keyset, cursor: string): SqlInput[] | null {
  const alias = keyset.id.split('.')[0]
  const row = connection.get(
    `SELECT ${keyset.keys.join(', ')} FROM ${keyset.from}
     WHERE ${alias}.tenant_id = ? AND ${keyset.id} = ?`,
    keyset.tenantId,
    cursor,
  )
  if (row !== undefined) return row.map((value) => value as SqlInput)
  if (keyset.unknown === 'ignore') return null
  throw notFound(keyset.kind, cursor)
}
