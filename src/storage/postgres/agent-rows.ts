import { replaceBlockLinks, requireDistinctLabels } from '../engine/agent-changes.ts'
import { agentActivityTable, agentSource, agentTable, toAgent } from '../engine/agent-tables.ts'
import type { Agent } from '../../domain/agent.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import { notFound } from '../engine/not-found.ts'
import { requireSeen } from '../engine/agent-scope.ts'

/** The columns that {@link toAgent} reads, from {@link agentSource}. */
export const agentColumns = `${agentTable.list('a')}, ${agentActivityTable.list('v')},
  (SELECT coalesce(json_agg(link.block_id ORDER BY link.position)::text, '[]') FROM agent_blocks link
   WHERE link.tenant_id = a.tenant_id AND link.agent_id = a.id)`

const selectAgent = `SELECT ${agentColumns} FROM ${agentSource} WHERE a.tenant_id = ? AND a.id = ?`

/** An agent that exists for the caller; throws `not_found`. */
export async function readAgent(
  connection: SqlConnection,
  scope: TenantScope,
  id: string,
): Promise<Agent> {
  requireSeen(scope, id, { kind: 'agent', id })
  const row = await connection.get(selectAgent, scope.tenantId, id)
  if (row === undefined) throw notFound('agent', id)
  return toAgent(row)
}

/** Throws `not_found` unless an agent exists for the caller. */
export async function requireAgent(
  connection: SqlConnection,
  scope: TenantScope,
  id: string,
): Promise<void> {
  requireSeen(scope, id, { kind: 'agent', id })
  const row = await connection.get(
    `SELECT 1 FROM agents WHERE tenant_id = ? AND id = ?`,
    scope.tenantId,
    id,
  )
  if (row === undefined) throw notFound('agent', id)
}

/** Attaches exactly these blocks in this order. Throws `not_found` or, when two share a label, `conflict`. */
export async function replaceAgentBlocks(
  connection: SqlConnection,
  scope: TenantScope,
  agent: Pick<Agent, 'id' | 'blockIds'>,
): Promise<void> {
  if (agent.blockIds.length > 0) {
    const conditions = new Conditions()
      .add('b.tenant_id = ?', scope.tenantId)
      .oneOf('b.id', agent.blockIds)
    const rows = await connection.all(
      `SELECT b.id, b.label FROM blocks b WHERE ${conditions.sql}`,
      ...conditions.values,
    )
    requireDistinctLabels(agent.blockIds, rows)
  }
  replaceBlockLinks(connection, scope.tenantId, agent)
}
