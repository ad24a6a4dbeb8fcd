import { agentActivityTable, agentSource, agentTable, toAgent } from '../engine/agent-tables.ts'
import type { Agent } from '../../domain/agent.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import { labelTaken } from '../engine/label-taken.ts'
import { notFound } from '../engine/not-found.ts'
import { requireSeen } from '../engine/agent-scope.ts'
import { asText } from '../engine/sql-value.ts'

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

/** Writes the tags of an agent for filters; the agent's own row keeps their order. */
export function replaceAgentTags(
  connection: SqlConnection,
  tenantId: string,
  agent: Pick<Agent, 'id' | 'tags'>,
): void {
  connection.post(`DELETE FROM agent_tags WHERE tenant_id = ? AND agent_id = ?`, tenantId, agent.id)
  for (const tag of new Set(agent.tags)) {
    connection.post(
      `INSERT INTO agent_tags (tenant_id, agent_id, tag) VALUES (?, ?, ?)`,
      tenantId,
      agent.id,
      tag,
    )
  }
}

/** Attaches exactly these blocks in this order. Throws `not_found` or, when two share a label, `conflict`. */
export async function replaceAgentBlocks(
  connection: SqlConnection,
  scope: TenantScope,
  agent: Pick<Agent, 'id' | 'blockIds'>,
): Promise<void> {
  const { tenantId } = scope
  const blockIds = [...new Set(agent.blockIds)]
  await requireDistinctLabels(connection, scope, blockIds)
  connection.post(
    `DELETE FROM agent_blocks WHERE tenant_id = ? AND agent_id = ?`,
    tenantId,
    agent.id,
  )
  blockIds.forEach((blockId, position) => {
    connection.post(
      `INSERT INTO agent_blocks (tenant_id, agent_id, block_id, position) VALUES (?, ?, ?, ?)`,
      tenantId,
      agent.id,
      blockId,
      position,
    )
  })
}

async function requireDistinctLabels(
  connection: SqlConnection,
  scope: TenantScope,
  blockIds: readonly string[],
): Promise<void> {
  if (blockIds.length === 0) return
  const conditions = new Conditions().add('b.tenant_id = ?', scope.tenantId).oneOf('b.id', blockIds)
  const rows = await connection.all(
    `SELECT b.id, b.label FROM blocks b WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  const labels = new Map<string, string>()
  const known = new Set<string>()
  for (const [id, label] of rows) {
    known.add(asText(id))
    const other = labels.get(asText(label))
    if (other !== undefined) throw labelTaken(asText(label), [other, asText(id)])
    labels.set(asText(label), asText(id))
  }
  const missing = blockIds.find((id) => !known.has(id))
  if (missing !== undefined) throw notFound('block', missing)
}
