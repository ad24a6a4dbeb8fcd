import type { TenantScope } from '../../domain/scope.ts'
import type { AgentFilter, AgentPage } from '../contract/agent-store.ts'
import { agentSource } from './agent-tables.ts'
import { withMissingLast, type Keyset } from './keyset.ts'
import type { QueryConditions } from './query-conditions.ts'
import { addAgentScope } from './scope-conditions.ts'

/** Asks for the agent that was made first. */
export const oldestFirst: AgentPage = { orderBy: 'createdAt', order: 'asc', limit: 1 }

/** The order of a list of agents. */
export function agentKeyset(scope: TenantScope, page: AgentPage): Keyset {
  const keys = {
    createdAt: ['a.created_at', 'a.id'],
    updatedAt: ['a.updated_at', 'a.id'],
    lastRunCompletion: withMissingLast('v.last_run_completion', {
      id: 'v.agent_id',
      order: page.order,
    }),
  }[page.orderBy]
  return {
    kind: 'agent',
    tenantId: scope.tenantId,
    from: agentSource,
    keys,
    id: 'a.id',
    order: page.order,
    unknown: 'ignore',
  }
}

/** Limits a query over {@link agentSource} to the agents that are asked for and exist for the caller. */
export function addAgentFilter<Value>(
  conditions: QueryConditions<Value>,
  scope: TenantScope,
  filter: AgentFilter,
): void {
  conditions
    .add('a.tenant_id = ? AND v.tenant_id = ?', scope.tenantId, scope.tenantId)
    .oneOf('a.id', filter.ids)
    .equal('a.name', filter.name)
    .contains('a.name', filter.nameContains)
    .equal('v.last_stop_reason', filter.lastStopReason)
    .equal('a.created_by_id', filter.createdById)
  addAgentScope(conditions, scope, 'a.id')
  if (filter.includeHidden !== true) conditions.add('a.hidden = 0')
  if (filter.blockId !== undefined) {
    conditions.add(
      `EXISTS (SELECT 1 FROM agent_blocks link WHERE link.tenant_id = a.tenant_id
         AND link.agent_id = a.id AND link.block_id = ?)`,
      filter.blockId,
    )
  }
  addTagFilter(conditions, scope.tenantId, filter)
  conditions.hasMembers('a.extra', filter.extra)
}

function addTagFilter<Value>(
  conditions: QueryConditions<Value>,
  tenantId: string,
  filter: AgentFilter,
): void {
  const tags = [...new Set(filter.tags ?? [])]
  if (tags.length === 0) return
  const isWanted = conditions.dialect.isAmong('t.tag', tags)
  conditions.add(
    `a.id IN (SELECT t.agent_id FROM agent_tags t WHERE t.tenant_id = ? AND ${isWanted.sql}
       GROUP BY t.agent_id HAVING count(*) >= ?)`,
    tenantId,
    ...isWanted.values,
    filter.matchAllTags === true ? tags.length : 1,
  )
}
