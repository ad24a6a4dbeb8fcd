import type { TenantScope } from '../../domain/scope.ts'
import type { RunFilter } from '../contract/run-store.ts'
import type { Keyset } from './keyset.ts'
import type { QueryConditions } from './query-conditions.ts'
import { addAgentScope } from './scope-conditions.ts'

/** The order of a list of runs. */
export function runKeyset(scope: TenantScope, order: 'asc' | 'desc'): Keyset {
  return {
    kind: 'run',
    tenantId: scope.tenantId,
    from: 'runs r',
    keys: ['r.sequence'],
    id: 'r.id',
    order,
    unknown: 'ignore',
  }
}

/** The order of a list of steps. */
export function stepKeyset(scope: TenantScope, order: 'asc' | 'desc'): Keyset {
  return {
    kind: 'step',
    tenantId: scope.tenantId,
    from: 'steps s',
    keys: ['s.sequence'],
    id: 's.id',
    order,
    unknown: 'reject',
  }
}

/** Limits a query over `runs r` to those that are asked for and exist for the caller. */
export function addRunFilter<Value>(
  conditions: QueryConditions<Value>,
  scope: TenantScope,
  filter: RunFilter,
): void {
  conditions
    .add('r.tenant_id = ?', scope.tenantId)
    .oneOf('r.agent_id', filter.agentIds)
    .equal('r.conversation_id', filter.conversationId)
    .oneOf('r.status', filter.statuses)
    .equal('r.stop_reason', filter.stopReason)
  addAgentScope(conditions, scope, 'r.agent_id')
  if (filter.background !== undefined) conditions.add('r.background = ?', filter.background ? 1 : 0)
  if (filter.starred !== undefined) {
    const star = conditions.dialect.member('r.metadata', 'starred')
    conditions.add(`${star} IS ${filter.starred ? 'NOT NULL' : 'NULL'}`)
  }
}
