import { uncountAgent } from '../engine/agent-counts.ts'
import type { SqlConnection } from './sql-connection.ts'
import { deleteArchiveData } from './archive-rows.ts'
import { deleteConversationRows } from './delete-conversation.ts'
import { deleteAgentFacts } from './facts.ts'
import { lockConversations } from './locks.ts'
import { removeScope } from './search-index.ts'
import { toScopeToken } from '../engine/search-tokens.ts'
import { asText } from '../engine/sql-value.ts'
import { removeVectorScope } from './vector-rows.ts'

/** Removes an agent and everything that is only its own. Blocks stay: they are detached. */
export async function deleteAgentData(
  connection: SqlConnection,
  tenantId: string,
  agentId: string,
): Promise<void> {
  const conversations = await connection.all(
    `SELECT id FROM conversations WHERE tenant_id = ? AND agent_id = ?`,
    tenantId,
    agentId,
  )
  lockConversations(
    connection,
    tenantId,
    conversations.map(([id]) => asText(id)),
  )
  const scopeToken = toScopeToken({ kind: 'messages', tenantId, ownerId: agentId })
  removeScope(connection, { tenantId, scopeToken })
  for (const [id] of conversations) deleteConversationRows(connection, tenantId, asText(id))
  connection.post(`DELETE FROM messages WHERE tenant_id = ? AND agent_id = ?`, tenantId, agentId)
  removeVectorScope(connection, { tenantId, scopeToken })
  await deleteOwnArchive(connection, tenantId, agentId)
  deleteAgentFacts(connection, tenantId, agentId)
  connection.post(`DELETE FROM jobs WHERE tenant_id = ? AND lane = ?`, tenantId, agentId)
  connection.post(
    `DELETE FROM memory_changes WHERE tenant_id = ? AND agent_id = ?
       AND action NOT IN ('create', 'edit')`,
    tenantId,
    agentId,
  )
  connection.post(
    `UPDATE memory_changes SET agent_id = NULL, run_id = NULL
     WHERE tenant_id = ? AND agent_id = ?`,
    tenantId,
    agentId,
  )
  for (const table of [
    'memory_proposals',
    'imported_messages',
    'agent_tags',
    'agent_blocks',
    'agent_archives',
    'agent_activity',
  ]) {
    connection.post(`DELETE FROM ${table} WHERE tenant_id = ? AND agent_id = ?`, tenantId, agentId)
  }
  connection.post(
    `UPDATE forget_receipts SET agent_id = NULL WHERE tenant_id = ? AND agent_id = ?`,
    tenantId,
    agentId,
  )
  uncountAgent(connection, tenantId, agentId)
  connection.post(`DELETE FROM agents WHERE tenant_id = ? AND id = ?`, tenantId, agentId)
}

/** The agent's archive goes with it unless another agent has it too. */
async function deleteOwnArchive(
  connection: SqlConnection,
  tenantId: string,
  agentId: string,
): Promise<void> {
  const row = await connection.get(
    `SELECT own.archive_id FROM agent_archives own
     WHERE own.tenant_id = ? AND own.agent_id = ? AND NOT EXISTS (
       SELECT 1 FROM agent_archives other WHERE other.tenant_id = own.tenant_id
         AND other.archive_id = own.archive_id AND other.agent_id <> own.agent_id)`,
    tenantId,
    agentId,
  )
  if (row !== undefined) deleteArchiveData(connection, tenantId, asText(row[0]))
}
