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
import { insertConversation } from './conversation-rows.ts'
import { deleteConversationData } from './delete-conversation.ts'
import { insertMessageItems, insertMessages } from './message-rows.ts'
import { lockConversations } from './locks.ts'
import type { Operations } from './operation.ts'
import { takeSequence } from './sequences.ts'
import type { SqlConnection } from './sql-connection.ts'

/** Operations on imported histories. */
export const importOperations: Operations<keyof ImportStore> = {
  async importMessages(connection, scope, input) {
    await requireAgent(connection, scope, input.agentId)
    if (input.start === null) await requireImport(connection, scope, input)
    const known = await findKnown(connection, scope.tenantId, input)
    const { fresh, ...batch } = leaveOutKnown(input.messages, known)
    if (fresh.length === 0) return { ...batch, stored: 0 }
    if (input.start !== null) await insertConversation(connection, scope.tenantId, input.start)
    await append(connection, scope.tenantId, { ...input, messages: fresh })
    return { ...batch, stored: fresh.length, importId: input.importId }
  },

  async listImports(connection, scope, { agentId }) {
    await requireAgent(connection, scope, agentId)
    const rows = await connection.all(
      `SELECT conversation_id, count(*), min(imported_at) FROM imported_messages
       WHERE tenant_id = ? AND agent_id = ? AND conversation_id <> '' GROUP BY conversation_id
       ORDER BY 3 DESC, conversation_id`,
      scope.tenantId,
      agentId,
    )
    return rows.map(([importId, messageCount, importedAt]) => ({
      importId: asText(importId),
      messageCount: asInteger(messageCount),
      importedAt: asInteger(importedAt),
    }))
  },

  async deleteImport(connection, scope, input) {
    await requireAgent(connection, scope, input.agentId)
    await requireImport(connection, scope, input)
    await deleteConversationData(connection, scope.tenantId, input.importId)
  },
}

async function requireImport(
  connection: SqlConnection,
  scope: TenantScope,
  { agentId, importId }: Pick<ImportBatch, 'agentId' | 'importId'>,
): Promise<void> {
  const row = await connection.get(
    `SELECT 1 FROM imported_messages WHERE tenant_id = ? AND conversation_id = ? AND agent_id = ?
     LIMIT 1`,
    scope.tenantId,
    importId,
    agentId,
  )
  if (row === undefined) throw importNotFound(importId)
}

/** The otids that were imported before, each with its import. */
async function findKnown(
  connection: SqlConnection,
  tenantId: string,
  { agentId, messages }: ImportBatch,
): Promise<ReadonlyMap<string, KnownOtid>> {
  const rows = await connection.all(
    `SELECT ${knownOtidColumns} FROM unnest(?::text[]) WITH ORDINALITY given (value, key)
     JOIN imported_messages known
       ON known.tenant_id = ? AND known.agent_id = ? AND known.otid = given.value
     ORDER BY given.key`,
    messages.map(({ message }) => message.otid),
    tenantId,
    agentId,
  )
  return toKnownOtids(rows)
}

async function append(
  connection: SqlConnection,
  tenantId: string,
  input: ImportBatch,
): Promise<void> {
  const { agentId, importId, messages, at } = input
  lockConversations(connection, tenantId, [importId])
  const head = await connection.get(
    `SELECT next_position, lease_owner FROM conversation_heads
     WHERE tenant_id = ? AND conversation_id = ?`,
    tenantId,
    importId,
  )
  if (head === undefined) throw importNotFound(importId)
  if (asOptionalText(head[1]) !== null) throw importIsRunning(importId)
  const firstSequence = await takeSequence(connection, tenantId, messages.length)
  const stored = insertMessages(connection, { tenantId, agentId, firstSequence }, messages)
  const firstPosition = asInteger(head[0])
  insertMessageItems(connection, { tenantId, conversationId: importId, firstPosition }, stored)
  for (const { otid, id } of stored) {
    connection.post(
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
  connection.post(
    `UPDATE conversation_heads SET next_position = ? WHERE tenant_id = ? AND conversation_id = ?`,
    firstPosition + stored.length,
    tenantId,
    importId,
  )
  connection.post(
    `UPDATE conversations SET last_message_at = greatest(last_message_at, ?::bigint), updated_at = ?
     WHERE tenant_id = ? AND id = ?`,
    Math.max(...stored.map(({ createdAt }) => createdAt)),
    at,
    tenantId,
    importId,
  )
}
