import type { ChangeCause } from '../../domain/block.ts'
import type { TenantScope } from '../../domain/scope.ts'

/** The cause of a change that a person or program asked for over the API. */
export function userChange(scope: TenantScope, reason: string): ChangeCause {
  return { actor: { kind: 'user', id: scope.userId }, reason, sourceMessageIds: [] }
}
