import { newIdentifier } from '../domain/identifier.ts'
import { endlessAttempts, newJob, type Job } from '../domain/job.ts'
import type { Schedule } from '../domain/schedule.ts'
import type { IdSource } from '../util/id-source.ts'

/** The kind of the jobs that fire schedules. */
export const scheduleJobKind = 'schedule'

/** The job that fires a schedule at its next time; null when it has none. */
export function createScheduleJob(
  ids: IdSource,
  schedule: Pick<Schedule, 'id' | 'agentId' | 'nextAt'>,
  { tenantId, at }: { readonly tenantId: string; readonly at: number },
): Job | null {
  if (schedule.nextAt === null) return null
  return newJob({
    id: newIdentifier(ids, 'job'),
    tenantId,
    lane: schedule.agentId,
    kind: scheduleJobKind,
    payload: { schedule_id: schedule.id, due_at: schedule.nextAt },
    maxAttempts: endlessAttempts,
    runAt: schedule.nextAt,
    at,
  })
}
