import type { Connection } from './connection.ts'
import { keepForgottenKeys } from '../engine/import-rows.ts'
import { removeDocuments } from './search-removal.ts'
import { asText } from '../engine/sql-value.ts'
import { removeVectors } from './vector-rows.ts'

const runsOfConversation = `SELECT id FROM runs WHERE tenant_id = ? AND conversation_id = ?`
const summariesOfConversation = `SELECT message_id FROM conversation_items
  WHERE tenant_id = ? AND conversation_id = ? AND message_id IS NOT NULL`
const turnsOfConversation = `SELECT id FROM turns WHERE tenant_id = ? AND conversation_id = ?`

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

/** Removes a conversation, its turns and runs, but no messages. */
export function deleteConversationRows(
  connection: Connection,
  tenantId: string,
  conversationId: string,
): void {
  for (const [table, column, owners] of [
    ['events', 'run_id', runsOfConversation],
    ['tool_calls', 'turn_id', turnsOfConversation],
    ['steps', 'turn_id', turnsOfConversation],
    ['summary_sources', 'summary_id', summariesOfConversation],
  ] as const) {
    connection.run(
      `DELETE FROM ${table} WHERE tenant_id = ? AND ${column} IN (${owners})`,
      tenantId,
      tenantId,
      conversationId,
    )
  }
  for (const table of [
    'runs',
    'turns',
    'inbox',
    'signals',
    'schedules',
    'accepted_otids',
    'conversation_items',
    'prompt_prefixes',
    'conversation_heads',
    'imported_messages',
  ]) {
    connection.run(
      `DELETE FROM ${table} WHERE tenant_id = ? AND conversation_id = ?`,
      tenantId,
      conversationId,
    )
  }
  connection.run(
    `DELETE FROM search_threads WHERE tenant_id = ? AND thread = ?`,
    tenantId,
    conversationId,
  )
  connection.run(
    `DELETE FROM conversations WHERE tenant_id = ? AND id = ?`,
    tenantId,
    conversationId,
  )
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
