import type { Job } from '../../domain/job.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { JobStore } from '../../storage/contract/job-store.ts'
import type { AppParts } from '../app-parts.ts'

/** The jobs that servers do in the background, for whoever looks after them. */
export interface BackgroundJobService {
  /** Newest first. `not_found` when `after` is unknown. */
  list(scope: TenantScope, query: Parameters<JobStore['listJobs']>[1]): Promise<readonly Job[]>
  /** `not_found`. */
  get(scope: TenantScope, id: string): Promise<Job>
  /** Has a dead job tried again, with all its attempts. `not_found`; `conflict` when it is not dead. */
  retry(scope: TenantScope, id: string): Promise<Job>
  /** Removes a dead job. `not_found`, also the second time; `conflict` when it is not dead. */
  remove(scope: TenantScope, id: string): Promise<void>
}

/** Makes the service of background jobs. */
export function createBackgroundJobService({ store, clock }: AppParts): BackgroundJobService {
  return {
    list: (scope, query) => store.listJobs(scope, query),
    get: (scope, id) => store.getJob(scope, { id }),
    retry: (scope, id) => store.retryJob(scope, { id, at: clock.now() }),
    remove: (scope, id) => store.deleteJob(scope, { id }),
  }
}
