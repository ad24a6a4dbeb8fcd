import type { TenantScope } from '../../domain/scope.ts'
import { notFound, type StoredKind } from './not-found.ts'

/** Whether an agent exists for the caller. */
export function seesAgent(scope: TenantScope, agentId: string): boolean {
  return scope.agentIds === undefined || scope.agentIds.includes(agentId)
}

/** Throws `not_found` for an object of an agent that does not exist for the caller. */
export function requireSeen(
  scope: TenantScope,
  agentId: string,
  missing: { readonly kind: StoredKind; readonly id: string },
): void {
  if (!seesAgent(scope, agentId)) throw notFound(missing.kind, missing.id)
}
