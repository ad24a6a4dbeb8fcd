import { z } from 'zod'
import type { Job } from '../../domain/job.ts'
import { systemScope } from '../../domain/scope.ts'
import type { Clock } from '../../util/clock.ts'
import { expirePassages, type ExpireParts } from './expire-passages.ts'
import { type JobKind, type JobOutcome } from '../job-kind.ts'
import { jobScope } from '../job-scope.ts'
import { ensureTenantJob } from '../tenant-job.ts'

/** The kind of the jobs that remove what is kept for a time only. */
export const retentionJobKind = 'retention'

/** How often each tenant's events are looked through, in milliseconds. */
const everyMs = 60 * 60_000

/** When to go on where some archives have not had their turn, and where an agent was at work, in milliseconds. */
const goOnAfterMs = 1000
const busyAfterMs = 30_000

/** How long a job that is done is kept, in milliseconds. */
const keepJobsMs = 7 * 24 * 60 * 60_000

/** How much is removed in one transaction. */
const batch = 1000

/** What {@link createRetentionKind} needs. */
export interface RetentionKindParts extends ExpireParts {
  readonly clock: Clock
  /** How long the events of an ended run are kept, in milliseconds; 0 = for ever. */
  readonly keepEventsMs: number
}

/**
 * Removes the events of runs that ended long ago, jobs that were done long ago, and passages that their archives keep for a time
 * only; again and again. Its result says how far it came with the archives, where the next time begins, and since when which had
 * an agent at work.
 */
export function createRetentionKind(parts: RetentionKindParts): JobKind {
  return {
    name: retentionJobKind,
    prepare: () => ensureRetention(parts),
    run: (job, signal) => retain(parts, job, signal),
  }
}

async function retain(
  parts: RetentionKindParts,
  job: Job,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { store, clock, keepEventsMs } = parts
  const scope = jobScope(job)
  const now = clock.now()
  const events =
    keepEventsMs === 0
      ? 0
      : await inBatches(signal, (limit) =>
          store.pruneEvents(scope, { endedBefore: now - keepEventsMs, limit }),
        )
  const jobs = await inBatches(signal, (limit) =>
    store.pruneJobs(scope, { endedBefore: now - keepJobsMs, limit }),
  )
  const from = z.string().nullable().catch(null).parse(job.result?.['next'])
  const busySince = z.record(z.string(), z.number()).catch({}).parse(job.result?.['busySince'])
  const progress = await expirePassages(parts, scope, { now, signal, from, busySince })
  await ensureRetention(parts)
  const { waiting, busy } = progress
  const pause = waiting > 0 ? goOnAfterMs : busy > 0 ? busyAfterMs : everyMs
  const result = { events, jobs, ...progress, busySince: { ...progress.busySince } }
  return { result, again: now + pause }
}

async function inBatches(
  signal: AbortSignal,
  prune: (limit: number) => Promise<number>,
): Promise<number> {
  let total = 0
  while (true) {
    signal.throwIfAborted()
    const removed = await prune(batch)
    total += removed
    if (removed < batch) return total
  }
}

/** Sees to it that every tenant has its job. */
async function ensureRetention({
  store,
  clock,
}: Pick<RetentionKindParts, 'store' | 'clock'>): Promise<void> {
  const at = clock.now()
  for (const tenantId of await store.listTenants(systemScope)) {
    await ensureTenantJob(store, { kind: retentionJobKind, tenantId, at })
  }
}
