import type { JobCounts } from '../storage/contract/job-store.ts'

/** How the queue stands, and whether it gets on. */
export interface JobHealth extends JobCounts {
  /** Why it does not get on, as a sentence; null = it does, or nobody works on it here. */
  readonly problem: string | null
}

/** Judges the queue of a worker that began at `startedAt`; null = none runs here. */
export function describeQueue(
  counts: JobCounts,
  worker: {
    readonly at: number
    readonly startedAt: number | null
    readonly stuckAfterMs: number
  },
): JobHealth {
  const { oldestDueAt } = counts
  const { at, startedAt, stuckAfterMs } = worker
  if (oldestDueAt === null || startedAt === null) return { ...counts, problem: null }
  // What became due while no server ran has to wait for its turn first.
  const waitedMs = at - Math.max(oldestDueAt, startedAt)
  if (waitedMs <= stuckAfterMs) return { ...counts, problem: null }
  const minutes = Math.floor(waitedMs / 60_000)
  return {
    ...counts,
    problem:
      `Cannot get on with the background jobs: the oldest of ${counts.due} due ones has waited for ${minutes} minutes. ` +
      'Look at the log for what fails, and start the server again.',
  }
}
