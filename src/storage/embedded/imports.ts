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
import type { Connection } from './connection.ts'
import { insertConversation } from './conversation-rows.ts'
import { deleteConversationData } from './delete-conversation.ts'
import { memoryWriteOperations } from './memory-writes.ts'
import { insertMessages } from './message-rows.ts'
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
    const { sql, values } = selectImports(scope.tenantId, agentId)
    const rows = connection.all(sql, ...values)
    return rows.map((row) => toImport(row))
  },

  deleteImport(connection, scope, input) {
    requireAgent(connection, scope, input.agentId)
    requireImport(connection, scope, input)
    const { memory } = input
    const changes =
      memory === undefined ? [] : memoryWriteOperations.changeMemory(connection, scope, memory)
    deleteConversationData(connection, scope.tenantId, input.importId)
    return changes
  },
}

function requireImport(
  connection: Connection,
  scope: TenantScope,
  batch: Pick<ImportBatch, 'agentId' | 'importId'>,
): void {
  const { sql, values } = selectImport(scope.tenantId, batch)
  if (connection.get(sql, ...values) === undefined) throw importNotFound(batch.importId)
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

function append(connection: Connection, tenantId: string, batch: ImportBatch): void {
  const { agentId, importId, messages } = batch
  const { sql, values } = selectImportEnd(tenantId, importId)
  const firstPosition = requireIdle(importId, connection.get(sql, ...values))
  const firstSequence = takeSequence(connection, tenantId, messages.length)
  const stored = insertMessages(connection, { tenantId, agentId, firstSequence }, messages)
  insertMessageItems(connection, { tenantId, conversationId: importId, firstPosition }, stored)
  noteImported(connection, tenantId, { batch, firstPosition, stored })
}
