import { deleteConversationRows } from '../engine/conversation-changes.ts'
import { deleteAgentRows, selectOwnArchive } from '../engine/delete-agent-rows.ts'
import type { SqlConnection } from './sql-connection.ts'
import { deleteArchiveData } from './archive-rows.ts'
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
  deleteAgentRows(connection, tenantId, agentId)
}

/** The agent's archive goes with it unless another agent has it too. */
async function deleteOwnArchive(
  connection: SqlConnection,
  tenantId: string,
  agentId: string,
): Promise<void> {
  const { sql, values } = selectOwnArchive(tenantId, agentId)
  const row = await connection.get(sql, ...values)
  if (row !== undefined) deleteArchiveData(connection, tenantId, asText(row[0]))
}
