import { deleteConversationRows } from '../engine/conversation-changes.ts'
import type { SqlConnection } from './sql-connection.ts'
import { keepForgottenKeys } from '../engine/import-rows.ts'
import { lockConversations } from './locks.ts'
import { removeDocuments } from './search-index.ts'
import { asText } from '../engine/sql-value.ts'
import { removeVectors } from './vector-rows.ts'

/** Removes a conversation, its turns and runs, and the messages that no other conversation has an item for. */
export async function deleteConversationData(
  connection: SqlConnection,
  tenantId: string,
  conversationId: string,
): Promise<void> {
  lockConversations(connection, tenantId, [conversationId])
  const keys = keepForgottenKeys(tenantId, conversationId)
  connection.post(keys.sql, ...keys.values)
  await deleteOwnMessages(connection, tenantId, conversationId)
  deleteConversationRows(connection, tenantId, conversationId)
}

async function deleteOwnMessages(
  connection: SqlConnection,
  tenantId: string,
  conversationId: string,
): Promise<void> {
  const rows = await connection.all(
    `SELECT m.id, m.agent_id FROM messages m
     WHERE m.tenant_id = ? AND m.id IN (
       SELECT item.message_id FROM conversation_items item
       WHERE item.tenant_id = ? AND item.conversation_id = ? AND item.message_id IS NOT NULL
       UNION
       SELECT input.value FROM turns t,
         jsonb_array_elements_text(t.message_ids::jsonb) input (value)
       WHERE t.tenant_id = ? AND t.conversation_id = ?)
     AND NOT EXISTS (
       SELECT 1 FROM conversation_items other WHERE other.tenant_id = m.tenant_id
         AND other.message_id = m.id AND other.conversation_id <> ?)`,
    tenantId,
    tenantId,
    conversationId,
    tenantId,
    conversationId,
    conversationId,
  )
  const itemIds = rows.map(([id]) => asText(id))
  if (itemIds.length === 0) return
  removeDocuments(connection, { tenantId, itemIds })
  connection.post(`DELETE FROM messages WHERE tenant_id = ? AND id = ANY(?)`, tenantId, itemIds)
  removeVectors(connection, { tenantId, itemIds })
  connection.post(
    `UPDATE agent_activity SET message_count = message_count - ?
     WHERE tenant_id = ? AND agent_id = ?`,
    itemIds.length,
    tenantId,
    asText(rows[0]?.[1]),
  )
}
