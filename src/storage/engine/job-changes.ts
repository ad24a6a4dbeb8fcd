import type { Job } from '../../domain/job.ts'
import type { JobCounts, JobStore } from '../contract/job-store.ts'
import { requireDead, requireFence } from './job-errors.ts'
import { jobTable } from './job-table.ts'
import type { QueryConditions, QueryPart } from './query-conditions.ts'
import {
  asInteger,
  asOptionalInteger,
  toJsonColumn,
  type SqlExpression,
  type SqlRow,
} from './sql-value.ts'
import type { ChangeTarget } from './table.ts'

type Input<Name extends keyof JobStore> = Parameters<JobStore[Name]>[1]
type JobRow = Omit<Job, 'tenantId'>

/** Stores a job in the transaction of its cause. */
export function insertJob(target: ChangeTarget, tenantId: string, job: Job): void {
  const { tenantId: _, ...item } = job
  jobTable.insert(target, tenantId, { item, engineValues: [0] })
}

/** Limits a query over `jobs j` to those that are asked for, behind the last one that was seen. */
export function addJobFilter<Value>(
  conditions: QueryConditions<Value>,
  tenantId: string,
  { states, kinds, last }: Omit<Input<'listJobs'>, 'after'> & { readonly last: Job | null },
): void {
  conditions.add('j.tenant_id = ?', tenantId).oneOf('j.state', states).oneOf('j.kind', kinds)
  if (last !== null) conditions.add('(j.created_at, j.id) < (?, ?)', last.createdAt, last.id)
}

/** Gives back a job as if it had not been tried. Throws `lease_lost` when somebody else has it. */
export function releaseJob(target: ChangeTarget, job: Job, input: Input<'releaseJob'>): void {
  requireFence(job, input.fence)
  const attempts = Math.max(0, job.attempts - 1)
  giveBack(target, job, { state: 'ready', attempts, updatedAt: input.at })
}

/** Ends a job well, or until its next time. Throws `lease_lost` when somebody else has it. */
export function completeJob(target: ChangeTarget, job: Job, input: Input<'completeJob'>): void {
  const { fence, result, again, at } = input
  requireFence(job, fence)
  giveBack(target, job, {
    ...(again === null
      ? { state: 'done' as const }
      : { state: 'ready' as const, runAt: again, attempts: 0 }),
    updatedAt: at,
  })
  target.post(
    `UPDATE jobs SET result = ?, last_error = NULL WHERE tenant_id = ? AND id = ?`,
    toJsonColumn(result),
    job.tenantId,
    job.id,
  )
}

/** Ends an attempt that failed. Throws `lease_lost` when somebody else has the job. */
export function failJob(target: ChangeTarget, job: Job, input: Input<'failJob'>): void {
  const { fence, error, retryAt, giveUp, at } = input
  requireFence(job, fence)
  giveBack(target, job, {
    state: giveUp || job.attempts >= job.maxAttempts ? 'dead' : 'ready',
    runAt: retryAt,
    lastError: error,
    updatedAt: at,
  })
}

/** Lets a job that was given up be tried again. Throws `conflict` for another one. */
export function retryJob(target: ChangeTarget, job: Job, at: number): void {
  requireDead(job, 'try')
  giveBack(target, job, { state: 'ready', attempts: 0, runAt: at, updatedAt: at })
}

/** Makes a job due that nobody works on. */
export function wakeJob(target: ChangeTarget, job: Job, at: number): void {
  if (job.state === 'running' || (job.state === 'ready' && job.runAt <= at)) return
  giveBack(target, job, { state: 'ready', attempts: 0, runAt: at, updatedAt: at })
}

/** Removes a job that was given up. Throws `conflict` for another one. */
export function deleteJob(target: ChangeTarget, job: Job): void {
  requireDead(job, 'remove')
  target.post(`DELETE FROM jobs WHERE tenant_id = ? AND id = ?`, job.tenantId, job.id)
}

/** Ends an attempt. Whether the job's time has come is found out by the next claim. */
function giveBack(target: ChangeTarget, job: Job, set: Partial<JobRow>): void {
  jobTable.update(target, job, set)
  target.post(
    `UPDATE jobs SET owner = NULL, lease_until = NULL, due = 0 WHERE tenant_id = ? AND id = ?`,
    job.tenantId,
    job.id,
  )
}

/** The query for how many jobs there are in each state, those of some kinds left out. */
export function selectJobCounts<Value>(
  conditions: QueryConditions<Value>,
  { exceptKinds, at }: Input<'countJobs'>,
): QueryPart<Value | number> {
  const isLeftOut = conditions.dialect.isAmong('kind', exceptKinds)
  return {
    sql: `SELECT count(*) FILTER (WHERE state = 'ready' AND run_at <= ?),
         count(*) FILTER (WHERE state = 'ready' AND run_at > ?),
         count(*) FILTER (WHERE state = 'running'), count(*) FILTER (WHERE state = 'dead'),
         min(CASE WHEN state = 'ready' AND run_at <= ? THEN run_at END)
       FROM jobs WHERE state IN ('ready', 'running', 'dead') AND NOT (${isLeftOut.sql})`,
    values: [at, at, at, ...isLeftOut.values],
  }
}

/** The counts in the row of {@link selectJobCounts}. */
export function toJobCounts(row: SqlRow | undefined): JobCounts {
  return {
    due: asInteger(row?.[0]),
    upcoming: asInteger(row?.[1]),
    running: asInteger(row?.[2]),
    dead: asInteger(row?.[3]),
    oldestDueAt: asOptionalInteger(row?.[4]),
  }
}

/** The change that removes the oldest jobs that ended well before a time. */
export function deleteDone(
  tenantId: string,
  { endedBefore, limit }: Input<'pruneJobs'>,
): SqlExpression {
  return {
    sql: `DELETE FROM jobs WHERE tenant_id = ? AND id IN (
         SELECT id FROM jobs WHERE tenant_id = ? AND state = 'done' AND updated_at < ?
         ORDER BY updated_at LIMIT ?)`,
    values: [tenantId, tenantId, endedBefore, limit],
  }
}
