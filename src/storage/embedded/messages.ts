import {
  addMessageCursor,
  addMessageFilter,
  messageCursors,
  messageKeys,
  selectDisorder,
  selectMessages,
} from '../engine/conversation-query.ts'
import { messageTable } from '../engine/message-table.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { ConversationStore, MessageListQuery } from '../contract/conversation-store.ts'
import { requireAgent } from './agent-rows.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { readConversation } from './conversation-rows.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operations } from './operation.ts'
import { addAgentScope } from '../engine/scope-conditions.ts'
import { asInteger, type SqlRow } from '../engine/sql-value.ts'

/** Reading messages. */
export const messageOperations: Operations<
  Extract<keyof ConversationStore, 'getMessages' | 'listMessages' | 'countMessages'>
> = {
  getMessages(connection, scope, { ids }) {
    const conditions = new Conditions().add('m.tenant_id = ?', scope.tenantId).oneOf('m.id', ids)
    addAgentScope(conditions, scope, 'm.agent_id')
    return connection
      .all(
        `SELECT ${messageTable.list('m')} FROM messages m WHERE ${conditions.sql}
         ORDER BY m.sequence`,
        ...conditions.values,
      )
      .map((row) => messageTable.read(row))
  },

  listMessages(connection, scope, query) {
    if (query.agentId !== undefined) requireAgent(connection, scope, query.agentId)
    if (query.conversationId !== undefined) {
      readConversation(connection, scope, query.conversationId)
    }
    const list = { scope, query, keys: messageKeys(query, isInOrder(connection, scope, query)) }
    const conditions = new Conditions()
    addMessageFilter(conditions, scope, query)
    for (const [id, comparison] of messageCursors(query)) {
      addMessageCursor(conditions, list, { row: placeOf(connection, scope, id), comparison })
    }
    const { sql, values } = selectMessages(list, conditions)
    const rows = connection.all(sql, ...values)
    const messages = rows.map((row) => messageTable.read(row))
    return query.order === 'desc' ? messages.toReversed() : messages
  },

  countMessages(connection, scope, { agentId }) {
    requireAgent(connection, scope, agentId)
    const row = connection.get(
      `SELECT message_count FROM agent_activity WHERE tenant_id = ? AND agent_id = ?`,
      scope.tenantId,
      agentId,
    )
    return asInteger(row?.[0])
  },
}

/** Whether the order in which messages were stored is the one that is asked for. */
function isInOrder(
  connection: Connection,
  scope: TenantScope,
  { orderBy, agentId }: MessageListQuery,
): boolean {
  if (orderBy !== 'createdAt' || agentId === undefined) return true
  const { sql, values } = selectDisorder(scope, agentId)
  return connection.get(sql, ...values) === undefined
}

/** When a message was said, and its sequence. */
function placeOf(connection: Connection, scope: TenantScope, id: string): SqlRow {
  const conditions = new Conditions().add('m.tenant_id = ? AND m.id = ?', scope.tenantId, id)
  addAgentScope(conditions, scope, 'm.agent_id')
  const row = connection.get(
    `SELECT m.created_at, m.sequence FROM messages m WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  if (row === undefined) throw notFound('message', id)
  return row
}
