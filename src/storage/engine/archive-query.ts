import type { TenantScope } from '../../domain/scope.ts'
import type { Keyset } from './keyset.ts'
import type { QueryConditions } from './query-conditions.ts'
import { addArchiveScope } from './scope-conditions.ts'

/** The order of a list of archives. */
export function archiveKeyset(scope: TenantScope, order: 'asc' | 'desc'): Keyset {
  return {
    kind: 'archive',
    tenantId: scope.tenantId,
    from: 'archives r',
    keys: ['r.created_at', 'r.id'],
    id: 'r.id',
    order,
    unknown: 'reject',
  }
}

/** Limits a query over `archives r` to those that are asked for and exist for the caller. */
export function addArchiveFilter<Value>(
  conditions: QueryConditions<Value>,
  scope: TenantScope,
  filter: { readonly name?: string | undefined; readonly agentId?: string | undefined },
): void {
  conditions.add('r.tenant_id = ?', scope.tenantId).equal('r.name', filter.name)
  addArchiveScope(conditions, scope)
  if (filter.agentId === undefined) return
  conditions.add(
    `EXISTS (SELECT 1 FROM agent_archives own WHERE own.tenant_id = r.tenant_id
         AND own.archive_id = r.id AND own.agent_id = ?)`,
    filter.agentId,
  )
}

/** The order of a list of passages. */
export function passageKeyset(scope: TenantScope, order: 'asc' | 'desc'): Keyset {
  return {
    kind: 'passage',
    tenantId: scope.tenantId,
    from: 'passages s',
    keys: ['s.created_at', 's.sequence'],
    id: 's.id',
    order,
    unknown: 'reject',
  }
}
