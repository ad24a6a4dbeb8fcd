import type { Schedule } from '../../domain/schedule.ts'
import { AppError } from '../../errors/app-error.ts'

/** Throws `conflict` when a schedule is no longer as the caller saw it. */
export function requireUnchanged(
  schedule: Schedule,
  seen: Pick<Schedule, 'state' | 'nextAt'>,
): void {
  if (schedule.state === seen.state && schedule.nextAt === seen.nextAt) return
  throw new AppError(
    'conflict',
    `Cannot change the schedule ${schedule.id}: it has fired or was changed meanwhile. Look at it again.`,
    { data: { kind: 'schedule', id: schedule.id } },
  )
}
