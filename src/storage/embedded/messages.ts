import { messageTable } from '../engine/message-table.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { ConversationStore, MessageListQuery } from '../contract/conversation-store.ts'
import { requireAgent } from './agent-rows.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { readConversation } from './conversation-rows.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operations } from './operation.ts'
import { addAgentScope } from './scope-filter.ts'
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
    const conditions = messageConditions(scope, query)
    addSequenceCursors(conditions, connection, { scope, query })
    const inConversation = query.conversationId !== undefined
    const sequence = inConversation ? 'item.message_sequence' : 'm.sequence'
    const rows = connection.all(
      `SELECT ${messageTable.list('m')} FROM ${
        inConversation
          ? `conversation_items item JOIN messages m
             ON m.tenant_id = item.tenant_id AND m.id = item.message_id`
          : 'messages m'
      } WHERE ${conditions.sql}
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

function messageConditions(scope: TenantScope, query: MessageListQuery): Conditions {
  const conditions = new Conditions()
    .add('m.tenant_id = ?', scope.tenantId)
    .equal('m.agent_id', query.agentId)
    .equal('m.run_id', query.runId)
    .equal('m.step_id', query.stepId)
    .oneOf('m.role', query.roles)
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
  return conditions
}

function addSequenceCursors(
  conditions: Conditions,
  connection: Connection,
  list: { readonly scope: TenantScope; readonly query: MessageListQuery },
): void {
  const column = list.query.conversationId === undefined ? 'm.sequence' : 'item.message_sequence'
  for (const [cursor, comparison] of [
    [list.query.after, '>'],
    [list.query.before, '<'],
  ] as const) {
    if (cursor === undefined) continue
    conditions.add(`${column} ${comparison} ?`, sequenceOf(connection, list.scope, cursor))
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
