import { insertMessageItems } from '../engine/conversation-changes.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { ImportBatch, ImportStore } from '../contract/import-store.ts'
import {
  importNotFound,
  knownOtidColumns,
  leaveOutKnown,
  noteImported,
  requireIdle,
  selectImport,
  selectImportEnd,
  selectImports,
  toImport,
  toKnownOtids,
  type KnownOtid,
} from '../engine/import-rows.ts'
import { requireAgent } from './agent-rows.ts'
import { insertConversation } from './conversation-rows.ts'
import { deleteConversationData } from './delete-conversation.ts'
import { insertMessages } from './message-rows.ts'
import { lockConversations, lockImports } from './locks.ts'
import { memoryWriteOperations } from './memory-writes.ts'
import type { Operations } from './operation.ts'
import { takeSequence } from './sequences.ts'
import type { SqlConnection } from './sql-connection.ts'

/** Operations on imported histories. */
export const importOperations: Operations<keyof ImportStore> = {
  async importMessages(connection, scope, input) {
    lockImports(connection, scope.tenantId, input.agentId)
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
    const { sql, values } = selectImports(scope.tenantId, agentId)
    const rows = await connection.all(sql, ...values)
    return rows.map((row) => toImport(row))
  },

  async deleteImport(connection, scope, input) {
    await requireAgent(connection, scope, input.agentId)
    await requireImport(connection, scope, input)
    const { memory } = input
    const changes =
      memory === undefined
        ? []
        : await memoryWriteOperations.changeMemory(connection, scope, memory)
    await deleteConversationData(connection, scope.tenantId, input.importId)
    return changes
  },
}

async function requireImport(
  connection: SqlConnection,
  scope: TenantScope,
  batch: Pick<ImportBatch, 'agentId' | 'importId'>,
): Promise<void> {
  const { sql, values } = selectImport(scope.tenantId, batch)
  if ((await connection.get(sql, ...values)) === undefined) throw importNotFound(batch.importId)
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
  batch: ImportBatch,
): Promise<void> {
  const { agentId, importId, messages } = batch
  lockConversations(connection, tenantId, [importId])
  const { sql, values } = selectImportEnd(tenantId, importId)
  const firstPosition = requireIdle(importId, await connection.get(sql, ...values))
  const firstSequence = await takeSequence(connection, tenantId, messages.length)
  const stored = insertMessages(connection, { tenantId, agentId, firstSequence }, messages)
  insertMessageItems(connection, { tenantId, conversationId: importId, firstPosition }, stored)
  noteImported(connection, tenantId, { batch, firstPosition, stored })
}
