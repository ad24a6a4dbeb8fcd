import type { TenantScope } from '../../domain/scope.ts'
import type { ImportBatch, ImportStore } from '../contract/import-store.ts'
import {
  importIsRunning,
  importNotFound,
  knownOtidColumns,
  leaveOutKnown,
  toKnownOtids,
  type KnownOtid,
} from '../engine/import-rows.ts'
import { asInteger, asOptionalText, asText } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import type { Connection } from './connection.ts'
import { insertConversation } from './conversation-rows.ts'
import { deleteConversationData } from './delete-conversation.ts'
import { insertMessageItems, insertMessages } from './message-rows.ts'
import type { Operations } from './operation.ts'
import { takeSequence } from './sequences.ts'

/** Operations on imported histories. */
export const importOperations: Operations<keyof ImportStore> = {
  importMessages(connection, scope, input) {
    requireAgent(connection, scope, input.agentId)
    if (input.start === null) requireImport(connection, scope, input)
    const known = findKnown(connection, scope.tenantId, input)
    const { fresh, ...batch } = leaveOutKnown(input.messages, known)
    if (fresh.length === 0) return { ...batch, stored: 0 }
    if (input.start !== null) insertConversation(connection, scope.tenantId, input.start)
    append(connection, scope.tenantId, { ...input, messages: fresh })
    return { ...batch, stored: fresh.length, importId: input.importId }
  },

  listImports(connection, scope, { agentId }) {
    requireAgent(connection, scope, agentId)
    return connection
      .all(
        `SELECT conversation_id, count(*), min(imported_at) FROM imported_messages
         WHERE tenant_id = ? AND agent_id = ? AND conversation_id <> '' GROUP BY conversation_id
         ORDER BY 3 DESC, conversation_id`,
        scope.tenantId,
        agentId,
      )
      .map(([importId, messageCount, importedAt]) => ({
        importId: asText(importId),
        messageCount: asInteger(messageCount),
        importedAt: asInteger(importedAt),
      }))
  },

  deleteImport(connection, scope, input) {
    requireAgent(connection, scope, input.agentId)
    requireImport(connection, scope, input)
    deleteConversationData(connection, scope.tenantId, input.importId)
  },
}

function requireImport(
  connection: Connection,
  scope: TenantScope,
  { agentId, importId }: Pick<ImportBatch, 'agentId' | 'importId'>,
): void {
  const row = connection.get(
    `SELECT 1 FROM imported_messages WHERE tenant_id = ? AND conversation_id = ? AND agent_id = ?
     LIMIT 1`,
    scope.tenantId,
    importId,
    agentId,
  )
  if (row === undefined) throw importNotFound(importId)
}

/** The otids that were imported before, each with its import; CROSS JOIN looks each up instead of reading all. */
function findKnown(
  connection: Connection,
  tenantId: string,
  { agentId, messages }: ImportBatch,
): ReadonlyMap<string, KnownOtid> {
  const rows = connection.all(
    `SELECT ${knownOtidColumns} FROM json_each(?) given
     CROSS JOIN imported_messages known
       ON known.tenant_id = ? AND known.agent_id = ? AND known.otid = given.value
     ORDER BY given.key`,
    JSON.stringify(messages.map(({ message }) => message.otid)),
    tenantId,
    agentId,
  )
  return toKnownOtids(rows)
}

function append(connection: Connection, tenantId: string, input: ImportBatch): void {
  const { agentId, importId, messages, at } = input
  const head = connection.get(
    `SELECT next_position, lease_owner FROM conversation_heads
     WHERE tenant_id = ? AND conversation_id = ?`,
    tenantId,
    importId,
  )
  if (head === undefined) throw importNotFound(importId)
  if (asOptionalText(head[1]) !== null) throw importIsRunning(importId)
  const firstSequence = takeSequence(connection, tenantId, messages.length)
  const stored = insertMessages(connection, { tenantId, agentId, firstSequence }, messages)
  const firstPosition = asInteger(head[0])
  insertMessageItems(connection, { tenantId, conversationId: importId, firstPosition }, stored)
  for (const { otid, id } of stored) {
    connection.run(
      `INSERT INTO imported_messages
         (tenant_id, agent_id, otid, conversation_id, message_id, imported_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      tenantId,
      agentId,
      otid,
      importId,
      id,
      at,
    )
  }
  connection.run(
    `UPDATE conversation_heads SET next_position = ? WHERE tenant_id = ? AND conversation_id = ?`,
    firstPosition + stored.length,
    tenantId,
    importId,
  )
  connection.run(
    `UPDATE conversations SET last_message_at = max(last_message_at, ?), updated_at = ?
     WHERE tenant_id = ? AND id = ?`,
    Math.max(...stored.map(({ createdAt }) => createdAt)),
    at,
    tenantId,
    importId,
  )
}
