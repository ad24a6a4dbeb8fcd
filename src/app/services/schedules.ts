import { newIdentifier } from '../../domain/identifier.ts'
import type {
  MissedPolicy,
  Schedule,
  ScheduledInput,
  ScheduleTiming,
} from '../../domain/schedule.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { AppError, isAppError } from '../../errors/app-error.ts'
import { createScheduleJob } from '../../jobs/schedule-job.ts'
import { firstTime } from '../../jobs/schedule-times.ts'
import { requireReachable } from '../../net/post-json.ts'
import type { ScheduleChanges, ScheduleStore } from '../../storage/contract/schedule-store.ts'
import type { AppParts } from '../app-parts.ts'

/** What a new schedule is made from. */
export interface ScheduleRequest {
  readonly conversationId: string
  readonly timing: ScheduleTiming
  readonly input: ScheduledInput
  readonly missed: MissedPolicy
}

/** Schedules of conversations. They fire while a server runs. */
export interface ScheduleService {
  /** `not_found` without the conversation; `invalid_argument` for a timing or a callback URL that cannot be. */
  create(scope: TenantScope, request: ScheduleRequest): Promise<Schedule>
  /** `not_found`. */
  get(scope: TenantScope, id: string): Promise<Schedule>
  /** By creation. */
  list(
    scope: TenantScope,
    query: Parameters<ScheduleStore['listSchedules']>[1],
  ): Promise<readonly Schedule[]>
  /** `not_found`, also the second time. */
  delete(scope: TenantScope, id: string): Promise<void>
  /** Lets it rest until it is resumed; nothing happens when it rests already. `conflict` when it is finished. */
  pause(scope: TenantScope, id: string): Promise<Schedule>
  /** Lets it fire again, from its next time after now on. `conflict` when it is finished, or its only time is over. */
  resume(scope: TenantScope, id: string): Promise<Schedule>
}

/** How often a change is tried while the schedule fires at the same moment. */
const attempts = 5

/** Makes the service of schedules. */
export function createScheduleService(parts: AppParts): ScheduleService {
  const { store, clock, ids, guard } = parts

  async function change(
    scope: TenantScope,
    id: string,
    decide: (schedule: Schedule, now: number) => ScheduleChanges | null,
  ): Promise<Schedule> {
    for (let attempt = 1; ; attempt += 1) {
      const seen = await store.getSchedule(scope, { id })
      const at = clock.now()
      const set = decide(seen, at)
      if (set === null) return seen
      const job = createScheduleJob(ids, { ...seen, nextAt: null, ...set }, { ...scope, at })
      try {
        return await store.updateSchedule(scope, { id, seen, set, job, at })
      } catch (error) {
        if (!isAppError(error, 'conflict') || attempt === attempts) throw error
      }
    }
  }

  return {
    async create(scope, { conversationId, timing, input, missed }) {
      const { agentId } = await store.getConversation(scope, { id: conversationId })
      if (input.callbackUrl !== null) requireReachable(input.callbackUrl, guard)
      const at = clock.now()
      const { userId, role, agentIds } = scope
      const schedule: Schedule = {
        id: newIdentifier(ids, 'schedule'),
        agentId,
        conversationId,
        creator: { userId, role, ...(agentIds === undefined ? {} : { agentIds }) },
        timing,
        input,
        missed,
        state: 'active',
        nextAt: firstTime(timing, at),
        lastDueAt: null,
        lastRunId: null,
        lastError: null,
        firedCount: 0,
        missedCount: 0,
        createdAt: at,
        updatedAt: at,
      }
      const job = createScheduleJob(ids, schedule, { tenantId: scope.tenantId, at })
      return await store.createSchedule(scope, { schedule, job })
    },
    get: (scope, id) => store.getSchedule(scope, { id }),
    list: (scope, query) => store.listSchedules(scope, query),
    delete: (scope, id) => store.deleteSchedule(scope, { id }),
    pause: (scope, id) =>
      change(scope, id, (schedule) => {
        refuseFinished(schedule, 'pause')
        return schedule.state === 'paused' ? null : { state: 'paused', nextAt: null }
      }),
    resume: (scope, id) =>
      change(scope, id, (schedule, now) => {
        refuseFinished(schedule, 'resume')
        if (schedule.state === 'active') return null
        return { state: 'active', nextAt: firstTime(schedule.timing, now), lastError: null }
      }),
  }
}

function refuseFinished(schedule: Schedule, action: string): void {
  if (schedule.state !== 'finished') return
  throw new AppError(
    'conflict',
    `Cannot ${action} the schedule ${schedule.id}: it is finished. Make a new one.`,
  )
}
