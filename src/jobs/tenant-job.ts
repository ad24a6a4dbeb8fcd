import { namedIdentifier } from '../domain/identifier.ts'
import { endlessAttempts, newJob } from '../domain/job.ts'
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

/** Sees to it that a tenant has a job of a kind; one that was given up is tried again. */
export async function ensureTenantJob(
  store: Pick<JobStore, 'getJob' | 'enqueueJob' | 'retryJob'>,
  { kind, tenantId, at }: TenantJob,
): Promise<void> {
  const id = namedIdentifier('job', `${kind}:${tenantId}`)
  const scope = jobScope({ tenantId })
  try {
    const { state } = await store.getJob(scope, { id })
    if (state === 'dead') await unlessConflict(store.retryJob(scope, { id, at }))
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
    await unlessConflict(store.enqueueJob(scope, { job }))
  }
}

/** Another server may do the same at the same moment. */
async function unlessConflict(change: Promise<unknown>): Promise<void> {
  try {
    await change
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error
  }
}
