import type { Job } from '../../domain/job.ts'
import type { Schedule } from '../../domain/schedule.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { Page } from './page.ts'

/**
 * Schedules of conversations. Whatever gives one a next time also stores the job that fires it then, in the same
 * transaction. They go with their conversation.
 */
export interface ScheduleStore {
  /** `not_found` when the conversation does not exist; `conflict` when the id does. */
  createSchedule(
    scope: TenantScope,
    input: { readonly schedule: Schedule; readonly job: Job | null },
  ): Promise<Schedule>
  /** `not_found` when there is none. */
  getSchedule(scope: TenantScope, input: { readonly id: string }): Promise<Schedule>
  /** By creation. */
  listSchedules(
    scope: TenantScope,
    input: {
      readonly agentId?: string
      readonly conversationId?: string
      readonly states?: readonly Schedule['state'][]
      readonly page: Page
    },
  ): Promise<readonly Schedule[]>
  /**
   * Changes a schedule that is still as the caller saw it: `conflict`, and nothing written, when its state or its next
   * time are others by now. `not_found` when there is none.
   */
  updateSchedule(
    scope: TenantScope,
    input: {
      readonly id: string
      readonly seen: Pick<Schedule, 'state' | 'nextAt'>
      readonly set: ScheduleChanges
      readonly job: Job | null
      readonly at: number
    },
  ): Promise<Schedule>
  /** Removes a schedule; its job finds nothing to do. `not_found` when there is none. */
  deleteSchedule(scope: TenantScope, input: { readonly id: string }): Promise<void>
}

/** What may change about a schedule; absent fields stay. */
export type ScheduleChanges = Partial<
  Pick<
    Schedule,
    'state' | 'nextAt' | 'lastDueAt' | 'lastRunId' | 'lastError' | 'firedCount' | 'missedCount'
  >
>
