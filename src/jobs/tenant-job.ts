import { namedIdentifier } from '../domain/identifier.ts'
import { endlessAttempts, newJob, type Job } from '../domain/job.ts'
import { isAppError } from '../errors/app-error.ts'
import type { JobStore } from '../storage/contract/job-store.ts'
import { jobScope } from './job-scope.ts'

/** A job that a tenant has once, and that is done again and again. */
export interface TenantJob {
  readonly kind: string
  readonly tenantId: string
  /** When it is due first, if it is not there yet. */
  readonly at: number
}

/** Sees to it that a tenant has a job of a kind. */
export async function ensureTenantJob(
  store: Pick<JobStore, 'getJob' | 'enqueueJob'>,
  { kind, tenantId, at }: TenantJob,
): Promise<void> {
  const id = namedIdentifier('job', `${kind}:${tenantId}`)
  try {
    await store.getJob(jobScope({ tenantId }), { id })
  } catch (error) {
    if (!isAppError(error, 'not_found')) throw error
    const job = newJob({
      id,
      tenantId,
      at,
      lane: '',
      kind,
      payload: {},
      maxAttempts: endlessAttempts,
    })
    await enqueueOnce(store, job)
  }
}

/** Another server may store the same job at the same moment. */
async function enqueueOnce(store: Pick<JobStore, 'enqueueJob'>, job: Job): Promise<void> {
  try {
    await store.enqueueJob(jobScope(job), { job })
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error
  }
}
