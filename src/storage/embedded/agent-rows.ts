import { agentActivityTable, agentSource, agentTable, toAgent } from '../engine/agent-tables.ts'
import type { Agent } from '../../domain/agent.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { labelTaken } from '../engine/label-taken.ts'
import { notFound } from '../engine/not-found.ts'
import { requireSeen } from '../engine/agent-scope.ts'
import { asText } from '../engine/sql-value.ts'

/** The columns that {@link toAgent} reads, from {@link agentSource}. */
export const agentColumns = `${agentTable.list('a')}, ${agentActivityTable.list('v')},
  (SELECT json_group_array(link.block_id ORDER BY link.position) FROM agent_blocks link
   WHERE link.tenant_id = a.tenant_id AND link.agent_id = a.id)`

const selectAgent = `SELECT ${agentColumns} FROM ${agentSource} WHERE a.tenant_id = ? AND a.id = ?`

/** An agent that exists for the caller; throws `not_found`. */
export function readAgent(connection: Connection, scope: TenantScope, id: string): Agent {
  requireSeen(scope, id, { kind: 'agent', id })
  const row = connection.get(selectAgent, scope.tenantId, id)
  if (row === undefined) throw notFound('agent', id)
  return toAgent(row)
}

/** Throws `not_found` unless an agent exists for the caller. */
export function requireAgent(connection: Connection, scope: TenantScope, id: string): void {
  requireSeen(scope, id, { kind: 'agent', id })
  const row = connection.get(
    `SELECT 1 FROM agents WHERE tenant_id = ? AND id = ?`,
    scope.tenantId,
    id,
  )
  if (row === undefined) throw notFound('agent', id)
}

/** Writes the tags of an agent for filters; the agent's own row keeps their order. */
export function replaceAgentTags(
  connection: Connection,
  tenantId: string,
  agent: Pick<Agent, 'id' | 'tags'>,
): void {
  connection.run(`DELETE FROM agent_tags WHERE tenant_id = ? AND agent_id = ?`, tenantId, agent.id)
  for (const tag of new Set(agent.tags)) {
    connection.run(
      `INSERT INTO agent_tags (tenant_id, agent_id, tag) VALUES (?, ?, ?)`,
      tenantId,
      agent.id,
      tag,
    )
  }
}

/** Attaches exactly these blocks in this order. Throws `not_found` or, when two share a label, `conflict`. */
export function replaceAgentBlocks(
  connection: Connection,
  scope: TenantScope,
  agent: Pick<Agent, 'id' | 'blockIds'>,
): void {
  const { tenantId } = scope
  const blockIds = [...new Set(agent.blockIds)]
  requireDistinctLabels(connection, scope, blockIds)
  connection.run(
    `DELETE FROM agent_blocks WHERE tenant_id = ? AND agent_id = ?`,
    tenantId,
    agent.id,
  )
  blockIds.forEach((blockId, position) => {
    connection.run(
      `INSERT INTO agent_blocks (tenant_id, agent_id, block_id, position) VALUES (?, ?, ?, ?)`,
      tenantId,
      agent.id,
      blockId,
      position,
    )
  })
}

function requireDistinctLabels(
  connection: Connection,
  scope: TenantScope,
  blockIds: readonly string[],
): void {
  if (blockIds.length === 0) return
  const conditions = new Conditions().add('b.tenant_id = ?', scope.tenantId).oneOf('b.id', blockIds)
  const rows = connection.all(
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
