import type { Job } from '../../domain/job.ts'
import type { SystemScope, TenantScope } from '../../domain/scope.ts'
import type { JsonObject } from '../../util/json.ts'

/** The durable queue. */
export interface JobStore {
  /** Stores a job. `conflict` when the id exists. */
  enqueueJob(scope: TenantScope, input: { readonly job: Job }): Promise<Job>
  /** `not_found` when there is none. */
  getJob(scope: TenantScope, input: { readonly id: string }): Promise<Job>
  /** Jobs of the tenant, newest first. */
  listJobs(
    scope: TenantScope,
    input: {
      readonly states?: readonly Job['state'][]
      readonly kinds?: readonly string[]
      readonly limit: number
    },
  ): Promise<readonly Job[]>
  /**
   * Takes up to `limit` jobs that are due (`ready`, or `running` with an expired lease), oldest `runAt` first; two
   * callers never get the same one. Each has its attempt counted and a new fence. Crosses tenants.
   */
  claimJobs(
    scope: SystemScope,
    input: {
      readonly owner: string
      readonly kinds: readonly string[]
      readonly at: number
      readonly leaseUntil: number
      readonly limit: number
    },
  ): Promise<readonly Job[]>
  /** Marks a job as done; `lease_lost` when its fence is another by now. */
  completeJob(
    scope: TenantScope,
    input: {
      readonly id: string
      readonly fence: number
      readonly result: JsonObject
      readonly at: number
    },
  ): Promise<void>
  /** Gives a job back for `retryAt`, or marks it dead when its attempts are used up; `lease_lost` as above. */
  failJob(
    scope: TenantScope,
    input: {
      readonly id: string
      readonly fence: number
      readonly error: string
      readonly retryAt: number
      readonly at: number
    },
  ): Promise<Job>
}
