import type { Job } from '../../domain/job.ts'
import type { SystemScope, TenantScope } from '../../domain/scope.ts'
import type { JsonObject } from '../../util/json.ts'

/** The durable queue. */
export interface JobStore {
  /** Stores a job. `conflict` when the id exists. */
  enqueueJob(scope: TenantScope, input: { readonly job: Job }): Promise<Job>
  /** `not_found` when there is none. */
  getJob(scope: TenantScope, input: { readonly id: string }): Promise<Job>
  /** Jobs of the tenant, newest first; `after` is the id of the last one seen. `not_found` when that is unknown. */
  listJobs(
    scope: TenantScope,
    input: {
      readonly states?: readonly Job['state'][]
      readonly kinds?: readonly string[]
      readonly after?: string
      readonly limit: number
    },
  ): Promise<readonly Job[]>
  /**
   * Takes up to `limit` jobs that are due; two callers never get the same one. Each has its attempt counted and a new
   * fence. Crosses tenants.
   *
   * Fair: the next job is one of the tenant with the fewest running ones, and there one of the lane with the fewest;
   * where that leaves a choice, of the one that was served longest ago by `served`. Within a lane the oldest `runAt` is
   * first. No tenant gets more than `perTenant` at once. A job whose lease has expired is due again, or dead when its
   * attempts are used up.
   */
  claimJobs(scope: SystemScope, input: JobClaimRequest): Promise<readonly Job[]>
  /**
   * When it is worth claiming jobs of these kinds: when the next is or was due, or the next lease expires; null = there
   * is nothing to wait for. Crosses tenants.
   */
  nextJobAt(
    scope: SystemScope,
    input: { readonly kinds: readonly string[] },
  ): Promise<number | null>
  /** Moves the end of a job's lease; `lease_lost` when its fence is another by now. */
  renewJob(
    scope: TenantScope,
    input: {
      readonly id: string
      readonly fence: number
      readonly leaseUntil: number
      readonly at: number
    },
  ): Promise<void>
  /** Gives a job back as if this attempt had not been begun, due at once; `lease_lost` as above. */
  releaseJob(
    scope: TenantScope,
    input: { readonly id: string; readonly fence: number; readonly at: number },
  ): Promise<void>
  /**
   * Marks a job as done, or, when it is to be done `again` at a time, as ready with all its attempts; `lease_lost` when
   * its fence is another by now.
   */
  completeJob(
    scope: TenantScope,
    input: {
      readonly id: string
      readonly fence: number
      readonly result: JsonObject
      readonly again: number | null
      readonly at: number
    },
  ): Promise<void>
  /**
   * Gives a job back for `retryAt`, or marks it dead when its attempts are used up or `giveUp` says so; `lease_lost` as
   * above.
   */
  failJob(
    scope: TenantScope,
    input: {
      readonly id: string
      readonly fence: number
      readonly error: string
      readonly retryAt: number
      readonly giveUp: boolean
      readonly at: number
    },
  ): Promise<Job>
  /** Makes a dead job ready again with all its attempts. `not_found`; `conflict` when it is not dead. */
  retryJob(scope: TenantScope, input: { readonly id: string; readonly at: number }): Promise<Job>
  /**
   * Makes a job due now with all its attempts, whether it waits for its time, is done or was given up; one that runs is left alone.
   * `not_found`.
   */
  wakeJob(scope: TenantScope, input: { readonly id: string; readonly at: number }): Promise<void>
  /** Removes a dead job. `not_found`; `conflict` when it is not dead. */
  deleteJob(scope: TenantScope, input: { readonly id: string }): Promise<void>
  /** How the queue stands, jobs of some kinds left out. Crosses tenants. */
  countJobs(
    scope: SystemScope,
    input: { readonly exceptKinds: readonly string[]; readonly at: number },
  ): Promise<JobCounts>
  /** Removes done jobs that ended before a time; returns how many. Dead ones stay until someone looks. */
  pruneJobs(
    scope: TenantScope,
    input: { readonly endedBefore: number; readonly limit: number },
  ): Promise<number>
  /** Every tenant that ever stored anything. Crosses tenants. */
  listTenants(scope: SystemScope): Promise<readonly string[]>
}

/** Which jobs to take. */
export interface JobClaimRequest {
  readonly owner: string
  readonly kinds: readonly string[]
  readonly at: number
  readonly leaseUntil: number
  readonly limit: number
  /** The most jobs of one tenant that run at once, in all processes together. */
  readonly perTenant: number
  /** The lanes that were served before, the latest last; each tenant once. */
  readonly served: readonly JobLane[]
}

/** A lane of a tenant. */
export interface JobLane {
  readonly tenantId: string
  readonly lane: string
}

/** How the queue stands. */
export interface JobCounts {
  /** Ready, and their time has come. */
  readonly due: number
  /** Ready, at a later time. */
  readonly upcoming: number
  readonly running: number
  readonly dead: number
  /** Since when the oldest due job waits; null = none waits. */
  readonly oldestDueAt: number | null
}
