import { deleteConversationRows } from '../engine/conversation-changes.ts'
import type { Connection } from './connection.ts'
import { keepForgottenKeys } from '../engine/import-rows.ts'
import { removeDocuments } from './search-removal.ts'
import { asText } from '../engine/sql-value.ts'
import { removeVectors } from './vector-rows.ts'

/** Removes a conversation, its turns and runs, and the messages that no other conversation has an item for. */
export function deleteConversationData(
  connection: Connection,
  tenantId: string,
  conversationId: string,
): void {
  const keys = keepForgottenKeys(tenantId, conversationId)
  connection.run(keys.sql, ...keys.values)
  deleteOwnMessages(connection, tenantId, conversationId)
  deleteConversationRows(connection, tenantId, conversationId)
}

function deleteOwnMessages(connection: Connection, tenantId: string, conversationId: string): void {
  const rows = connection.all(
    `SELECT m.id, m.agent_id FROM messages m
     WHERE m.tenant_id = ? AND m.id IN (
       SELECT item.message_id FROM conversation_items item
       WHERE item.tenant_id = ? AND item.conversation_id = ? AND item.message_id IS NOT NULL
       UNION
       SELECT input.value FROM turns t, json_each(t.message_ids) input
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
  const ids = rows.map(([id]) => asText(id))
  if (ids.length === 0) return
  removeDocuments(connection, tenantId, ids)
  removeVectors(connection, tenantId, ids)
  connection.run(
    `DELETE FROM messages WHERE tenant_id = ? AND id IN (SELECT value FROM json_each(?))`,
    tenantId,
    JSON.stringify(ids),
  )
  connection.run(
    `UPDATE agent_activity SET message_count = message_count - ?
     WHERE tenant_id = ? AND agent_id = ?`,
    ids.length,
    tenantId,
    asText(rows[0]?.[1]),
  )
}
