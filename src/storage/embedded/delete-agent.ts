import { deleteConversationRows } from '../engine/conversation-changes.ts'
import { deleteAgentRows, selectOwnArchive } from '../engine/delete-agent-rows.ts'
import type { Connection } from './connection.ts'
import { deleteArchiveData } from './archive-rows.ts'
import { deleteAgentFacts } from './facts.ts'
import { removeScope } from './search-removal.ts'
import { toScopeToken } from '../engine/search-tokens.ts'
import { asText } from '../engine/sql-value.ts'
import { removeVectorScope } from './vector-rows.ts'

/** Removes an agent and everything that is only its own. Blocks stay: they are detached. */
export function deleteAgentData(connection: Connection, tenantId: string, agentId: string): void {
  const conversations = connection.all(
    `SELECT id FROM conversations WHERE tenant_id = ? AND agent_id = ?`,
    tenantId,
    agentId,
  )
  const scopeToken = toScopeToken({ kind: 'messages', tenantId, ownerId: agentId })
  removeScope(connection, { tenantId, scopeToken })
  removeVectorScope(connection, { tenantId, scopeToken })
  for (const [id] of conversations) deleteConversationRows(connection, tenantId, asText(id))
  connection.run(`DELETE FROM messages WHERE tenant_id = ? AND agent_id = ?`, tenantId, agentId)
  deleteOwnArchive(connection, tenantId, agentId)
  deleteAgentFacts(connection, tenantId, agentId)
  deleteAgentRows(connection, tenantId, agentId)
}

/** The agent's archive goes with it unless another agent has it too. */
function deleteOwnArchive(connection: Connection, tenantId: string, agentId: string): void {
  const { sql, values } = selectOwnArchive(tenantId, agentId)
  const row = connection.get(sql, ...values)
  if (row !== undefined) deleteArchiveData(connection, tenantId, asText(row[0]))
}
