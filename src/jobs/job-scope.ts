import type { Job } from '../domain/job.ts'
import { defaultUserId, type TenantScope } from '../domain/scope.ts'

/** The scope in which a job of the product itself is done: its own tenant. */
export function jobScope({ tenantId }: Pick<Job, 'tenantId'>): TenantScope {
  return { kind: 'tenant', tenantId, userId: defaultUserId, role: 'admin' }
}
