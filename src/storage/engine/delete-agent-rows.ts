import { uncountAgent } from './agent-counts.ts'
import type { SqlExpression } from './sql-value.ts'
import type { ChangeTarget } from './table.ts'

/** What stands in rows of its own for an agent and goes with it. */
const ownTables = [
  'memory_proposals',
  'imported_messages',
  'agent_tags',
  'agent_blocks',
  'agent_archives',
  'agent_activity',
] as const

/** The archive of an agent that no other agent has; it goes with the agent. */
export function selectOwnArchive(tenantId: string, agentId: string): SqlExpression {
  return {
    sql: `SELECT own.archive_id FROM agent_archives own
     WHERE own.tenant_id = ? AND own.agent_id = ? AND NOT EXISTS (
       SELECT 1 FROM agent_archives other WHERE other.tenant_id = own.tenant_id
         AND other.archive_id = own.archive_id AND other.agent_id <> own.agent_id)`,
    values: [tenantId, agentId],
  }
}

/**
 * Removes an agent's own rows, once its conversations, messages, archive and facts are gone. What it did to memory that
 * stays is kept without its name.
 */
export function deleteAgentRows(target: ChangeTarget, tenantId: string, agentId: string): void {
  target.post(`DELETE FROM jobs WHERE tenant_id = ? AND lane = ?`, tenantId, agentId)
  target.post(
    `DELETE FROM memory_changes WHERE tenant_id = ? AND agent_id = ?
       AND action NOT IN ('create', 'edit')`,
    tenantId,
    agentId,
  )
  target.post(
    `UPDATE memory_changes SET agent_id = NULL, run_id = NULL
     WHERE tenant_id = ? AND agent_id = ?`,
    tenantId,
    agentId,
  )
  for (const table of ownTables) {
    target.post(`DELETE FROM ${table} WHERE tenant_id = ? AND agent_id = ?`, tenantId, agentId)
  }
  target.post(
    `UPDATE forget_receipts SET agent_id = NULL WHERE tenant_id = ? AND agent_id = ?`,
    tenantId,
    agentId,
  )
  uncountAgent(target, tenantId, agentId)
  target.post(`DELETE FROM agents WHERE tenant_id = ? AND id = ?`, tenantId, agentId)
}
