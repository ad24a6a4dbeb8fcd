import { addMessageFilter, messageSource } from '../engine/conversation-query.ts'
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
import { asInteger } from '../engine/sql-value.ts'

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
    const conditions = new Conditions()
    addMessageFilter(conditions, scope, query)
    addSequenceCursors(conditions, connection, { scope, query })
    const { from, sequence } = messageSource(query)
    const rows = connection.all(
      `SELECT ${messageTable.list('m')} FROM ${from} WHERE ${conditions.sql}
       ORDER BY ${sequence} ${query.order === 'desc' ? 'DESC' : 'ASC'} LIMIT ?`,
      ...conditions.values,
      query.limit,
    )
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

function addSequenceCursors(
  conditions: Conditions,
  connection: Connection,
  list: { readonly scope: TenantScope; readonly query: MessageListQuery },
): void {
  const { sequence } = messageSource(list.query)
  for (const [cursor, comparison] of [
    [list.query.after, '>'],
    [list.query.before, '<'],
  ] as const) {
    if (cursor === undefined) continue
    conditions.add(`${sequence} ${comparison} ?`, sequenceOf(connection, list.scope, cursor))
  }
}

function sequenceOf(connection: Connection, scope: TenantScope, id: string): number {
  const conditions = new Conditions().add('m.tenant_id = ? AND m.id = ?', scope.tenantId, id)
  addAgentScope(conditions, scope, 'm.agent_id')
  const row = connection.get(
    `SELECT m.sequence FROM messages m WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  if (row === undefined) throw notFound('message', id)
  return asInteger(row[0])
}
