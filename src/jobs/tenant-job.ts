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
  const id = tenantJobId({ kind, tenantId })
  const scope = jobScope({ tenantId })
  try {
    await store.getJob(scope, { id })
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

/** The same, and has it done now: also when it waits for its time, is done or was given up. */
export async function wakeTenantJob(
  store: Pick<JobStore, 'getJob' | 'enqueueJob' | 'wakeJob'>,
  job: TenantJob,
): Promise<void> {
  await ensureTenantJob(store, job)
  await store.wakeJob(jobScope(job), { id: tenantJobId(job), at: job.at })
}

function tenantJobId({ kind, tenantId }: Pick<TenantJob, 'kind' | 'tenantId'>): string {
  return namedIdentifier('job', `${kind}:${tenantId}`)
}

/** Another server may store the same job at the same moment. */
async function enqueueOnce(store: Pick<JobStore, 'enqueueJob'>, job: Job): Promise<void> {
  try {
    await store.enqueueJob(jobScope(job), { job })
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error
  }
}
