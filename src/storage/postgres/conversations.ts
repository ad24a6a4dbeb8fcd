import { writePrefix } from '../engine/conversation-changes.ts'
import { addConversationFilter, conversationKeyset } from '../engine/conversation-query.ts'
import { orderBy } from '../engine/keyset.ts'
import { agentSource, toAgent } from '../engine/agent-tables.ts'
import { toViewIds, viewIdColumns } from '../engine/compaction-rows.ts'
import {
  conversationColumns,
  conversationSource,
  conversationTable,
  toConversation,
} from '../engine/conversation-table.ts'
import { itemSource, itemColumns, toItem } from '../engine/item-rows.ts'
import type { Conversation } from '../../domain/conversation.ts'
import type { ConversationStore } from '../contract/conversation-store.ts'
import { agentColumns, requireAgent } from './agent-rows.ts'
import { readAgentBlocks } from './block-rows.ts'
import { Conditions } from './conditions.ts'
import { insertConversation, readConversation } from './conversation-rows.ts'
import { deleteConversationData } from './delete-conversation.ts'
import { lockStructure } from './locks.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operations } from './operation.ts'
import { addCursors } from './paging.ts'
import { addAgentScope } from '../engine/scope-conditions.ts'

/** Operations on conversations and their items. */
export const conversationOperations: Operations<
  Exclude<keyof ConversationStore, 'getMessages' | 'listMessages' | 'countMessages'>
> = {
  async createConversation(connection, scope, input) {
    lockStructure(connection, scope.tenantId)
    await requireAgent(connection, scope, input.conversation.agentId)
    await insertConversation(connection, scope.tenantId, input)
    return await readConversation(connection, scope, input.conversation.id)
  },

  getConversation: async (connection, scope, { id }) =>
    await readConversation(connection, scope, id),

  async getConversationWithAgent(connection, scope, { id }) {
    const { tenantId } = scope
    const agentId = {
      sql: `(SELECT agent_id FROM conversations WHERE tenant_id = ? AND id = ?)`,
      values: [tenantId, id],
    }
    // All are asked for, and the end of the transaction, before the first answer: one round trip.
    const [conversation, agent, blocks] = await Promise.all([
      readConversation(connection, scope, id),
      connection.get(
        `SELECT ${agentColumns} FROM ${agentSource} WHERE a.tenant_id = ? AND a.id = ${agentId.sql}`,
        tenantId,
        ...agentId.values,
      ),
      readAgentBlocks(connection, tenantId, agentId),
      connection.commit(),
    ])
    if (agent === undefined) throw notFound('agent', conversation.agentId)
    return { conversation, agent: toAgent(agent), blocks }
  },

  async listConversations(connection, scope, query) {
    const keyset = conversationKeyset(scope, query)
    const conditions = new Conditions()
    addConversationFilter(conditions, scope, query)
    await addCursors(conditions, connection, { ...keyset, after: query.after })
    return (
      await connection.all(
        `SELECT ${conversationColumns} FROM ${conversationSource} WHERE ${conditions.sql}
         ORDER BY ${orderBy(keyset)} LIMIT ?`,
        ...conditions.values,
        query.limit,
      )
    ).map((row) => toConversation(row))
  },

  async updateConversation(connection, scope, { id, at, set }) {
    const { tenantId } = scope
    await readConversation(connection, scope, id)
    const { prefix, ...row } = set
    const changes: Partial<Conversation> = { ...row, updatedAt: at }
    conversationTable.update(connection, { tenantId, id }, changes)
    if (prefix !== undefined) writePrefix(connection, tenantId, { conversationId: id, prefix })
    return await readConversation(connection, scope, id)
  },

  async deleteConversation(connection, scope, { id }) {
    await readConversation(connection, scope, id)
    await deleteConversationData(connection, scope.tenantId, id)
  },

  async listViewMessageIds(connection, scope, { conversationIds }) {
    const conditions = new Conditions()
      .add('c.tenant_id = ?', scope.tenantId)
      .oneOf('c.id', conversationIds)
    addAgentScope(conditions, scope, 'c.agent_id')
    const rows = await connection.all(
      `SELECT ${viewIdColumns} FROM conversations c
       LEFT JOIN conversation_items item ON item.tenant_id = c.tenant_id
         AND item.conversation_id = c.id AND item.position >= c.view_from
         AND item.message_id <> c.system_message_id
       LEFT JOIN messages m ON m.tenant_id = item.tenant_id AND m.id = item.message_id
       WHERE ${conditions.sql} ORDER BY c.id, item.position`,
      ...conditions.values,
    )
    return toViewIds(rows)
  },

  async listItems(connection, scope, { conversationId, fromPosition, limit }) {
    await readConversation(connection, scope, conversationId)
    return (
      await connection.all(
        `SELECT ${itemColumns} FROM ${itemSource}
         WHERE item.tenant_id = ? AND item.conversation_id = ? AND item.position >= ?
         ORDER BY item.position LIMIT ?`,
        scope.tenantId,
        conversationId,
        fromPosition,
        limit,
      )
    ).map((row) => toItem(row))
  },
}
