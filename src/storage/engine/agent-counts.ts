import type { TenantScope } from '../../domain/scope.ts'
import type { AgentFilter } from '../contract/agent-store.ts'
import type { ChangeTarget } from './table.ts'

const addOne = `ON CONFLICT (tenant_id, hidden) DO UPDATE SET agents = agent_counts.agents + 1`

/** Counts an agent that was stored. */
export function countAgent(target: ChangeTarget, tenantId: string, isHidden: boolean): void {
  target.post(
    `INSERT INTO agent_counts (tenant_id, hidden, agents) VALUES (?, ?, 1) ${addOne}`,
    tenantId,
    isHidden ? 1 : 0,
  )
}

/** Counts an agent among the hidden ones or the others; to be called before its own row says so. */
export function recountAgent(
  target: ChangeTarget,
  tenantId: string,
  agent: { readonly id: string; readonly hidden: boolean },
): void {
  const values = [tenantId, agent.id, agent.hidden ? 0 : 1] as const
  target.post(
    `INSERT INTO agent_counts (tenant_id, hidden, agents)
     SELECT tenant_id, 1 - hidden, 1 FROM agents WHERE tenant_id = ? AND id = ? AND hidden = ? ${addOne}`,
    ...values,
  )
  target.post(
    `UPDATE agent_counts SET agents = agents - 1 WHERE tenant_id = ? AND hidden = (
       SELECT hidden FROM agents WHERE tenant_id = ? AND id = ? AND hidden = ?)`,
    tenantId,
    ...values,
  )
}

/** Counts an agent no more; to be called before its own row is gone. */
export function uncountAgent(target: ChangeTarget, tenantId: string, id: string): void {
  target.post(
    `UPDATE agent_counts SET agents = agents - 1 WHERE tenant_id = ? AND hidden = (
       SELECT hidden FROM agents WHERE tenant_id = ? AND id = ?)`,
    tenantId,
    tenantId,
    id,
  )
}

/** Whether the stored counts answer a question: it is about every agent of the tenant, with or without the hidden ones. */
export function isCounted(scope: TenantScope, filter: AgentFilter): boolean {
  const { includeHidden: _, ...others } = filter
  return scope.agentIds === undefined && Object.values(others).every(filtersNothing)
}

function filtersNothing(value: AgentFilter[keyof AgentFilter]): boolean {
  if (value === undefined) return true
  return typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0
}
