import { randomUUID } from 'node:crypto'
import type { TenantScope } from '../../domain/scope.ts'

/** The scope of a tenant that nothing was stored of yet. */
export function newScope(): TenantScope {
  const userId = `user-${randomUUID()}`
  return { kind: 'tenant', tenantId: `org-${randomUUID()}`, userId, role: 'admin' }
}
