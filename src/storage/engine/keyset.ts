import { notFound, type StoredKind } from './not-found.ts'
import type { QueryConditions } from './query-conditions.ts'
import type { SqlExpression, SqlInput, SqlRow } from './sql-value.ts'

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

/** A part of a list between cursors, which are ids. */
export interface KeysetPage extends Keyset {
  readonly after?: string | undefined
  readonly before?: string | undefined
}

/** One end of a part of a list. */
export interface Cursor {
  readonly id: string
  /** How the keys of what is wanted compare with those of the cursor. */
  readonly comparison: '<' | '>'
}

/** The ORDER BY of a keyset. */
export function orderBy(keyset: Keyset): string {
  const direction = keyset.order === 'asc' ? 'ASC' : 'DESC'
  return keyset.keys.map((key) => `${key} ${direction}`).join(', ')
}

/** The keys of a list by a time that may be missing, which is kept as 0: what has none comes last in either direction. */
export function withMissingLast(
  column: string,
  { id, order }: { readonly id: string; readonly order: 'asc' | 'desc' },
): readonly string[] {
  const keys = [column, id]
  return order === 'desc' ? keys : [`CASE WHEN ${column} = 0 THEN 1 ELSE 0 END`, ...keys]
}

/** The cursors that are given. */
export function cursorsOf({ after, before, order }: KeysetPage): readonly Cursor[] {
  const isRising = order === 'asc'
  return [
    ...(after === undefined ? [] : [{ id: after, comparison: isRising ? '>' : '<' } as const]),
    ...(before === undefined ? [] : [{ id: before, comparison: isRising ? '<' : '>' } as const]),
  ]
}

/** The query for the keys of what a cursor names. */
export function selectKeys(keyset: Keyset, id: string): SqlExpression {
  const alias = keyset.id.split('.')[0]
  return {
    sql: `SELECT ${keyset.keys.join(', ')} FROM ${keyset.from}
     WHERE ${alias}.tenant_id = ? AND ${keyset.id} = ?`,
    values: [keyset.tenantId, id],
  }
}

/** Adds the condition for a cursor, given the row of {@link selectKeys}; throws `not_found` when the list says so. */
export function addCursor<Value>(
  conditions: QueryConditions<Value>,
  { keyset, cursor }: { readonly keyset: Keyset; readonly cursor: Cursor },
  row: SqlRow | undefined,
): void {
  if (row === undefined) {
    if (keyset.unknown === 'ignore') return
    throw notFound(keyset.kind, cursor.id)
  }
  const marks = keyset.keys.map(() => '?').join(', ')
  conditions.add(
    `(${keyset.keys.join(', ')}) ${cursor.comparison} (${marks})`,
    ...row.map((key) => key as SqlInput),
  )
}
