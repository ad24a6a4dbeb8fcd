import type { TenantScope } from '../../domain/scope.ts'
import type { ConversationQuery, MessageListQuery } from '../contract/conversation-store.ts'
import { withMissingLast, type Keyset } from './keyset.ts'
import type { QueryConditions, QueryPart } from './query-conditions.ts'
import { messageTable } from './message-table.ts'
import { addAgentScope } from './scope-conditions.ts'
import { asInteger, type SqlExpression, type SqlInput, type SqlRow } from './sql-value.ts'

/** The order of a list of conversations. */
export function conversationKeyset(scope: TenantScope, query: ConversationQuery): Keyset {
  const place = { id: 'c.id', order: query.order }
  const keys = {
    createdAt: ['c.created_at', 'c.id'],
    lastRunCompletion: withMissingLast('c.last_run_completion', place),
    lastMessageAt: withMissingLast('c.last_message_at', place),
  }[query.orderBy]
  return {
    kind: 'conversation',
    tenantId: scope.tenantId,
    from: 'conversations c',
    keys,
    id: 'c.id',
    order: query.order,
    unknown: 'reject',
  }
}

/** Limits a query over `conversations c` to those that are asked for and exist for the caller; never the default ones. */
export function addConversationFilter<Value>(
  conditions: QueryConditions<Value>,
  scope: TenantScope,
  query: ConversationQuery,
): void {
  conditions
    .add('c.tenant_id = ? AND c.is_default = 0', scope.tenantId)
    .equal('c.agent_id', query.agentId)
    .contains('c.summary', query.summaryContains)
  addAgentScope(conditions, scope, 'c.agent_id')
  const archived = query.archived ?? 'unarchived'
  if (archived === 'unarchived') conditions.add('c.archived_at IS NULL')
  if (archived === 'archived') conditions.add('c.archived_at IS NOT NULL')
  if (query.includeHidden !== true) conditions.add('c.hidden = 0')
}

/** The tables of a list of messages, `messages m`, and the column it is ordered by. */
export function messageSource({ conversationId }: MessageListQuery): {
  readonly from: string
  readonly sequence: string
} {
  if (conversationId === undefined) return { from: 'messages m', sequence: 'm.sequence' }
  return {
    from: `conversation_items item JOIN messages m
      ON m.tenant_id = item.tenant_id AND m.id = item.message_id`,
    sequence: 'item.message_sequence',
  }
}

/** A list of messages whose order is known. */
export interface MessageList {
  readonly scope: TenantScope
  readonly query: MessageListQuery
  /** The columns it is ordered by. */
  readonly keys: readonly string[]
}

/** The query that finds a row where an agent may have messages that were said before others stored earlier. */
export function selectDisorder({ tenantId }: TenantScope, agentId: string): SqlExpression {
  return {
    sql: 'SELECT 1 FROM imported_messages WHERE tenant_id = ? AND agent_id = ? LIMIT 1',
    values: [tenantId, agentId],
  }
}

/** The columns a list is ordered by. Only an import stores what was said before; else both orders are the same. */
export function messageKeys(query: MessageListQuery, isInOrder: boolean): readonly string[] {
  const { sequence } = messageSource(query)
  return isInOrder ? [sequence] : ['m.created_at', sequence]
}

/** The rows of a list, given what its messages have to fulfil. They are chosen by narrow rows, as all of them may have to be sorted. */
export function selectMessages<Value>(
  { scope, query, keys }: MessageList,
  conditions: QueryPart<Value>,
): QueryPart<SqlInput | Value> {
  const { from } = messageSource(query)
  const direction = query.order === 'desc' ? 'DESC' : 'ASC'
  const order = keys.map((key) => `${key} ${direction}`).join(', ')
  const chosen = (columns: string): string =>
    `SELECT ${columns} FROM ${from} WHERE ${conditions.sql} ORDER BY ${order} LIMIT ?`
  const values = [...conditions.values, query.limit]
  if (keys.length === 1) return { sql: chosen(messageTable.list('m')), values }
  return {
    sql: `SELECT ${messageTable.list('m')} FROM messages m
      WHERE m.tenant_id = ? AND m.id IN (${chosen('m.id')})
      ORDER BY m.created_at ${direction}, m.sequence ${direction}`,
    values: [scope.tenantId, ...values],
  }
}

/** The cursors of a list with how what is wanted compares with them. */
export function messageCursors({
  after,
  before,
}: MessageListQuery): readonly (readonly [id: string, comparison: '<' | '>'])[] {
  return [
    ...(after === undefined ? [] : [[after, '>'] as const]),
    ...(before === undefined ? [] : [[before, '<'] as const]),
  ]
}

/** Limits a list to one side of a cursor, whose time and sequence are given. */
export function addMessageCursor<Value>(
  conditions: QueryConditions<Value>,
  { keys }: MessageList,
  place: { readonly row: SqlRow; readonly comparison: '<' | '>' },
): void {
  const [createdAt, sequence] = place.row.map(asInteger)
  const values = [createdAt, sequence].slice(-keys.length).map((value) => value ?? null)
  const marks = values.map(() => '?').join(', ')
  conditions.add(`(${keys.join(', ')}) ${place.comparison} (${marks})`, ...values)
}

/** Limits a query over {@link messageSource} to the messages that are asked for and exist for the caller. */
export function addMessageFilter<Value>(
  conditions: QueryConditions<Value>,
  scope: TenantScope,
  query: MessageListQuery,
): void {
  conditions
    .add('m.tenant_id = ?', scope.tenantId)
    .equal('m.agent_id', query.agentId)
    .equal('m.run_id', query.runId)
    .equal('m.step_id', query.stepId)
    .oneOf('m.role', query.roles)
  if (query.until !== undefined) conditions.add('m.created_at <= ?', query.until)
  addAgentScope(conditions, scope, 'm.agent_id')
  if (query.conversationId !== undefined) {
    conditions.add(
      'item.tenant_id = ? AND item.conversation_id = ? AND item.message_id IS NOT NULL',
      scope.tenantId,
      query.conversationId,
    )
  }
  if (query.stepId !== undefined && query.runId === undefined) {
    conditions.add(
      `m.run_id = (SELECT step.run_id FROM steps step WHERE step.tenant_id = ? AND step.id = ?)`,
      scope.tenantId,
      query.stepId,
    )
  }
}
