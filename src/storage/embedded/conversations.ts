import { writePrefix } from '../engine/conversation-changes.ts'
import { addConversationFilter, conversationKeyset } from '../engine/conversation-query.ts'
import { orderBy } from '../engine/keyset.ts'
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
import { readAgent, requireAgent } from './agent-rows.ts'
import { readAgentBlocks } from './block-rows.ts'
import { Conditions } from './conditions.ts'
import { insertConversation, readConversation } from './conversation-rows.ts'
import { deleteConversationData } from './delete-conversation.ts'
import type { Operations } from './operation.ts'
import { addCursors } from './paging.ts'
import { addAgentScope } from '../engine/scope-conditions.ts'

/** Operations on conversations and their items. */
export const conversationOperations: Operations<
  Exclude<keyof ConversationStore, 'getMessages' | 'listMessages' | 'countMessages'>
> = {
  createConversation(connection, scope, input) {
    requireAgent(connection, scope, input.conversation.agentId)
    insertConversation(connection, scope.tenantId, input)
    return readConversation(connection, scope, input.conversation.id)
  },

  getConversation: (connection, scope, { id }) => readConversation(connection, scope, id),

  getConversationWithAgent(connection, scope, { id }) {
    const conversation = readConversation(connection, scope, id)
    const { agentId } = conversation
    return {
      conversation,
      agent: readAgent(connection, scope, agentId),
      blocks: readAgentBlocks(connection, scope.tenantId, agentId),
    }
  },

  listConversations(connection, scope, query) {
    const keyset = conversationKeyset(scope, query)
    const conditions = new Conditions()
    addConversationFilter(conditions, scope, query)
    addCursors(conditions, connection, { ...keyset, after: query.after })
    return connection
      .all(
        `SELECT ${conversationColumns} FROM ${conversationSource} WHERE ${conditions.sql}
         ORDER BY ${orderBy(keyset)} LIMIT ?`,
        ...conditions.values,
        query.limit,
      )
      .map((row) => toConversation(row))
  },

  updateConversation(connection, scope, { id, at, set }) {
    const { tenantId } = scope
    readConversation(connection, scope, id)
    const { prefix, ...row } = set
    const changes: Partial<Conversation> = { ...row, updatedAt: at }
    conversationTable.update(connection, { tenantId, id }, changes)
    if (prefix !== undefined) writePrefix(connection, tenantId, { conversationId: id, prefix })
    return readConversation(connection, scope, id)
  },

  deleteConversation(connection, scope, { id }) {
    readConversation(connection, scope, id)
    deleteConversationData(connection, scope.tenantId, id)
  },

  listViewMessageIds(connection, scope, { conversationIds }) {
    const conditions = new Conditions()
      .add('c.tenant_id = ?', scope.tenantId)
      .oneOf('c.id', conversationIds)
    addAgentScope(conditions, scope, 'c.agent_id')
    const rows = connection.all(
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

  listItems(connection, scope, { conversationId, fromPosition, limit }) {
    readConversation(connection, scope, conversationId)
    return connection
      .all(
        `SELECT ${itemColumns} FROM ${itemSource}
         WHERE item.tenant_id = ? AND item.conversation_id = ? AND item.position >= ?
         ORDER BY item.position LIMIT ?`,
        scope.tenantId,
        conversationId,
        fromPosition,
        limit,
      )
      .map((row) => toItem(row))
  },
}
