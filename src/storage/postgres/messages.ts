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
import type { SqlConnection } from './sql-connection.ts'
import { readConversation } from './conversation-rows.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operations } from './operation.ts'
import { addAgentScope } from '../engine/scope-conditions.ts'
import { asInteger, type SqlRow } from '../engine/sql-value.ts'

/** Reading messages. */
export const messageOperations: Operations<
  Extract<keyof ConversationStore, 'getMessages' | 'listMessages' | 'countMessages'>
> = {
  async getMessages(connection, scope, { ids }) {
    const conditions = new Conditions().add('m.tenant_id = ?', scope.tenantId).oneOf('m.id', ids)
    addAgentScope(conditions, scope, 'm.agent_id')
    return (
      await connection.all(
        `SELECT ${messageTable.list('m')} FROM messages m WHERE ${conditions.sql}
         ORDER BY m.sequence`,
        ...conditions.values,
      )
    ).map((row) => messageTable.read(row))
  },

  async listMessages(connection, scope, query) {
    const owners = requireOwners(connection, scope, query)
    // A cursor, or another order, is only looked for in a list that exists.
    if (query.after !== undefined || query.before !== undefined || query.orderBy === 'createdAt') {
      await owners
    }
    const keys = messageKeys(query, await isInOrder(connection, scope, query))
    const list = { scope, query, keys }
    const conditions = new Conditions()
    addMessageFilter(conditions, scope, query)
    for (const [id, comparison] of messageCursors(query)) {
      addMessageCursor(conditions, list, { row: await placeOf(connection, scope, id), comparison })
    }
    const { sql, values } = selectMessages(list, conditions)
    const [rows] = await Promise.all([connection.all(sql, ...values), owners])
    const messages = rows.map((row) => messageTable.read(row))
    return query.order === 'desc' ? messages.toReversed() : messages
  },

  async countMessages(connection, scope, { agentId }) {
    await requireAgent(connection, scope, agentId)
    const row = await connection.get(
      `SELECT message_count FROM agent_activity WHERE tenant_id = ? AND agent_id = ?`,
      scope.tenantId,
      agentId,
    )
    return asInteger(row?.[0])
  },
}

/** Throws `not_found` for an agent or a conversation that does not exist for the caller. */
async function requireOwners(
  connection: SqlConnection,
  scope: TenantScope,
  { agentId, conversationId }: MessageListQuery,
): Promise<void> {
  await Promise.all([
    agentId === undefined ? null : requireAgent(connection, scope, agentId),
    conversationId === undefined ? null : readConversation(connection, scope, conversationId),
  ])
}

/** Whether the order in which messages were stored is the one that is asked for. */
async function isInOrder(
  connection: SqlConnection,
  scope: TenantScope,
  { orderBy, agentId }: MessageListQuery,
): Promise<boolean> {
  if (orderBy !== 'createdAt' || agentId === undefined) return true
  const { sql, values } = selectDisorder(scope, agentId)
  return (await connection.get(sql, ...values)) === undefined
}

/** When a message was said, and its sequence. */
async function placeOf(connection: SqlConnection, scope: TenantScope, id: string): Promise<SqlRow> {
  const conditions = new Conditions().add('m.tenant_id = ? AND m.id = ?', scope.tenantId, id)
  addAgentScope(conditions, scope, 'm.agent_id')
  const row = await connection.get(
    `SELECT m.created_at, m.sequence FROM messages m WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  if (row === undefined) throw notFound('message', id)
  return row
}
