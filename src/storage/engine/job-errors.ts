import type { Job } from '../../domain/job.ts'
import { AppError } from '../../errors/app-error.ts'

/** What a job that killed its process too often is remembered with. */
export const endedWithItsProcess = 'The process that ran it ended before it was done.'

/** Throws `lease_lost` unless this attempt is the one that runs. */
export function requireFence(job: Job, fence: number): void {
  if (job.state === 'running' && job.fence === fence) return
  throw new AppError(
    'lease_lost',
    `Cannot finish the job ${job.id}: another process has it by now, or it is over. Drop this attempt.`,
    { data: { kind: 'job', id: job.id } },
  )
}

/** Throws `conflict` unless the job was given up. */
export function requireDead(job: Job, action: 'try' | 'remove'): void {
  if (job.state === 'dead') return
  throw new AppError(
    'conflict',
    `Cannot ${action} the job ${job.id}${action === 'try' ? ' again' : ''}: it is ${job.state}, not dead. Leave it.`,
    { data: { kind: 'job', id: job.id } },
  )
}
