import type { ForgetReceipt } from '../../domain/forget.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import type {
  ForgetOwners,
  RowKey,
  StoredTextQuery,
  StoredTextRow,
  TextEdit,
} from '../contract/forget-store.ts'
import { readColumns, textTable, type RowOwner, type TextTableName } from '../stored-texts.ts'
import { Table } from './table.ts'
import { asText, type SqlExpression, type SqlInput, type SqlRow } from './sql-value.ts'

/** The table of receipts. */
export const forgetReceiptTable = new Table<ForgetReceipt>({
  name: 'forget_receipts',
  columns: {
    id: 'text',
    agentId: 'text',
    origin: 'text',
    state: 'text',
    counts: 'json',
    residue: 'json',
    cleaning: 'json',
    outside: 'json',
    requestedById: 'text',
    createdAt: 'integer',
    completedAt: 'integer',
  },
})

/** What has to exist for the caller of a forgetting; a block may be gone and have left versions. */
export function ownersToFind(
  { agentIds }: TenantScope,
  owners: ForgetOwners,
): readonly { readonly kind: 'agent' | 'archive' | 'block'; readonly id: string }[] {
  return [
    ...owners.agentIds.map((id) => ({ kind: 'agent', id }) as const),
    ...owners.archiveIds.map((id) => ({ kind: 'archive', id }) as const),
    ...(agentIds === undefined
      ? []
      : owners.blockIds.map((id) => ({ kind: 'block', id }) as const)),
  ]
}

/** The order receipts are paged in; the newest first. */
export function receiptOrder({ tenantId }: Pick<TenantScope, 'tenantId'>): {
  readonly kind: 'forgetting'
  readonly tenantId: string
  readonly from: string
  readonly keys: readonly string[]
  readonly id: string
  readonly order: 'desc'
  readonly unknown: 'reject'
} {
  return {
    kind: 'forgetting',
    tenantId,
    from: 'forget_receipts f',
    keys: ['f.created_at'],
    id: 'f.id',
    order: 'desc',
    unknown: 'reject',
  }
}

/** Lists of identifiers as one, each once. */
export function union(left: readonly string[], right: readonly string[]): readonly string[] {
  return [...new Set([...left, ...right])]
}

/** How many identifiers one statement names at most; engines limit how many values it may have. */
const largestList = 500

/** Long lists in parts that a statement can take. */
export function inParts<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  const parts: (readonly Item[])[] = []
  for (let start = 0; start < items.length; start += largestList) {
    parts.push(items.slice(start, start + largestList))
  }
  return parts
}

/** `IN (?, ?)` for a list; nothing is in an empty one. */
export function among(ids: readonly string[]): SqlExpression {
  if (ids.length === 0) return { sql: 'IN (NULL)', values: [] }
  return { sql: `IN (${ids.map(() => '?').join(', ')})`, values: ids }
}

/** What a row of a table has to fulfil to belong to somebody. */
function ownerCondition(
  owner: RowOwner,
  { scope, owners }: { readonly scope: TenantScope; readonly owners: ForgetOwners },
): SqlExpression {
  const { tenantId, agentIds } = scope
  const column = quoteName(owner.column)
  const agents = among(owners.agentIds)
  const ofAgent = (table: string): SqlExpression => ({
    sql: `${column} IN (SELECT id FROM ${table} WHERE tenant_id = ? AND agent_id ${agents.sql})`,
    values: [tenantId, ...agents.values],
  })
  switch (owner.of) {
    case 'tenant':
      // What belongs to nobody is looked through by those who may see every agent.
      return { sql: agentIds === undefined ? `${column} = ''` : '1 = 0', values: [] }
    case 'agent':
      return { sql: `${column} ${agents.sql}`, values: agents.values }
    case 'conversation':
      return ofAgent('conversations')
    case 'message':
      return ofAgent('messages')
    case 'run':
      return ofAgent('runs')
    case 'turn':
      return ofAgent('turns')
    case 'archive': {
      const list = among(owners.archiveIds)
      return { sql: `${column} ${list.sql}`, values: list.values }
    }
    case 'block': {
      const list = among(owners.blockIds)
      return { sql: `${column} ${list.sql}`, values: list.values }
    }
  }
}

/** What the rows of a table have to fulfil to belong to one of the owners. */
export function ownedBy(
  table: TextTableName,
  scope: TenantScope,
  owners: ForgetOwners,
): SqlExpression {
  const parts = textTable(table).owners.map((owner) => ownerCondition(owner, { scope, owners }))
  return {
    sql: `(${parts.map(({ sql }) => sql).join(' OR ')})`,
    values: parts.flatMap(({ values }) => values),
  }
}

/** The query for a page of rows of a table with words. */
export function selectTexts(scope: TenantScope, query: StoredTextQuery): SqlExpression {
  const { table, owners, after, limit } = query
  const { key, order = key } = textTable(table)
  const owned = ownedBy(table, scope, owners)
  const columns = order.map(quoteName).join(', ')
  const marks = order.map(() => '?').join(', ')
  const beyond = after === undefined ? '' : ` AND (${columns}) > (${marks})`
  return {
    sql: `SELECT ${readColumns(table).map(quoteName).join(', ')} FROM ${table}
     WHERE tenant_id = ? AND ${owned.sql}${beyond} ORDER BY ${columns} LIMIT ?`,
    values: [scope.tenantId, ...owned.values, ...(after ?? []), limit],
  }
}

/** A row of {@link selectTexts} by the names of its columns. */
export function toTextRow(table: TextTableName, row: SqlRow): StoredTextRow {
  return Object.fromEntries(
    readColumns(table).map((column, index) => {
      const value = row[index] ?? null
      return [column, typeof value === 'bigint' || value instanceof Uint8Array ? null : value]
    }),
  )
}

/** The change that an edit is; it touches one row, or the edit is out of date. */
export function updateTexts(
  scope: TenantScope,
  owners: ForgetOwners,
  { table, key, before, after }: TextEdit,
): SqlExpression {
  const columns = Object.keys(after)
  const { texts, hashes = [] } = textTable(table)
  const known = new Set([...Object.keys(texts), ...hashes])
  if (columns.length === 0 || !columns.every((column) => known.has(column))) {
    throw new TypeError(`The table ${table} has no such columns with words`)
  }
  const named = whereKey(table, key)
  const owned = ownedBy(table, scope, owners)
  const set = columns.map((column) => `${quoteName(column)} = ?`).join(', ')
  const same = columns.map((column) => `${quoteName(column)} IS NOT DISTINCT FROM ?`).join(' AND ')
  return {
    sql: `UPDATE ${table} SET ${set} WHERE tenant_id = ? AND ${named.sql} AND ${same} AND ${owned.sql}`,
    values: [
      ...columns.map((column) => after[column] ?? null),
      scope.tenantId,
      ...named.values,
      ...columns.map((column) => before[column] ?? null),
      ...owned.values,
    ],
  }
}

/** The removal of one row. */
export function deleteRow(
  scope: TenantScope,
  owners: ForgetOwners,
  { table, key }: { readonly table: TextTableName; readonly key: RowKey },
): SqlExpression {
  const named = whereKey(table, key)
  const owned = ownedBy(table, scope, owners)
  return {
    sql: `DELETE FROM ${table} WHERE tenant_id = ? AND ${named.sql} AND ${owned.sql}`,
    values: [scope.tenantId, ...named.values, ...owned.values],
  }
}

function whereKey(table: TextTableName, key: RowKey): SqlExpression {
  const { key: columns } = textTable(table)
  const values: SqlInput[] = [...key]
  return { sql: columns.map((column) => `${quoteName(column)} = ?`).join(' AND '), values }
}

/** The name of a column, which may be a word of SQL. */
export function quoteName(column: string): string {
  return `"${column}"`
}

/** The error when something is not as the plan found it. */
export function forgetOutdated(): AppError {
  return new AppError(
    'conflict',
    'Cannot forget this: something was said or changed since it was looked at. Look again, then confirm.',
    { data: { reason: 'changed' } },
  )
}

/**
 * The error while a conversation is run whose prompt shows what changes. `row` names it, the process that runs it and its
 * agent; one whose agent the caller does not see is not named.
 */
export function forgetWhileRunning(row: SqlRow, seesAgent: (agentId: string) => boolean): AppError {
  const [conversationId, owner, agentId] = row.map(asText)
  const [where, named] = seesAgent(agentId ?? '')
    ? [`in the conversation ${conversationId}`, { conversation_id: conversationId }]
    : ['of another agent that shares its memory', {}]
  return new AppError(
    'conflict',
    `Cannot forget this: a turn runs ${where}. Wait for its end or cancel it, then try again.`,
    { data: { reason: 'running', ...named, owner } },
  )
}
