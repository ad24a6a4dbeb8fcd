import type { Agent } from '../../domain/agent.ts'
import { placeBlockLink } from './block-changes.ts'
import { labelTaken } from './label-taken.ts'
import { notFound } from './not-found.ts'
import { asText, type SqlRow } from './sql-value.ts'
import type { ChangeTarget } from './table.ts'

/** Writes the tags of an agent for filters; the agent's own row keeps their order. */
export function replaceAgentTags(
  target: ChangeTarget,
  tenantId: string,
  agent: Pick<Agent, 'id' | 'tags'>,
): void {
  target.post(`DELETE FROM agent_tags WHERE tenant_id = ? AND agent_id = ?`, tenantId, agent.id)
  for (const tag of new Set(agent.tags)) {
    target.post(
      `INSERT INTO agent_tags (tenant_id, agent_id, tag) VALUES (?, ?, ?)`,
      tenantId,
      agent.id,
      tag,
    )
  }
}

/** Attaches exactly these blocks in this order. */
export function replaceBlockLinks(
  target: ChangeTarget,
  tenantId: string,
  agent: Pick<Agent, 'id' | 'blockIds'>,
): void {
  target.post(`DELETE FROM agent_blocks WHERE tenant_id = ? AND agent_id = ?`, tenantId, agent.id)
  for (const [position, blockId] of [...new Set(agent.blockIds)].entries()) {
    placeBlockLink(target, tenantId, { agentId: agent.id, blockId, position })
  }
}

/**
 * Throws `not_found` for a block that is not among those found, `conflict` when two of them share a label. Rows are
 * identifier and label.
 */
export function requireDistinctLabels(blockIds: readonly string[], rows: readonly SqlRow[]): void {
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
