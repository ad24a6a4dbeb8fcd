import { jobTable } from '../engine/job-table.ts'
import { requireDead, requireFence } from '../engine/job-errors.ts'
import type { Job } from '../../domain/job.ts'
import type { JobStore } from '../contract/job-store.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { claimJobs, nextJobAt } from './job-claim.ts'
import { readJob } from './job-rows.ts'
import type { Operations } from './operation.ts'
import { asInteger, asOptionalInteger, asText, toJsonColumn } from '../engine/sql-value.ts'

/** Operations on the durable queue. */
export const jobOperations: Operations<keyof JobStore> = {
  enqueueJob(connection, scope, { job }) {
    insertJob(connection, scope.tenantId, job)
    return { ...job, tenantId: scope.tenantId }
  },

  getJob: (connection, scope, { id }) => readJob(connection, scope.tenantId, id),

  listJobs(connection, scope, { states, kinds, after, limit }) {
    const conditions = new Conditions()
      .add('j.tenant_id = ?', scope.tenantId)
      .oneOf('j.state', states)
      .oneOf('j.kind', kinds)
    if (after !== undefined) {
      const last = readJob(connection, scope.tenantId, after)
      conditions.add('(j.created_at, j.id) < (?, ?)', last.createdAt, last.id)
    }
    return connection
      .all(
        `SELECT ${jobTable.list('j')} FROM jobs j WHERE ${conditions.sql}
         ORDER BY j.created_at DESC, j.id DESC LIMIT ?`,
        ...conditions.values,
        limit,
      )
      .map((row) => ({ ...jobTable.read(row), tenantId: scope.tenantId }))
  },

  claimJobs: (connection, _scope, request) => claimJobs(connection, request),

  nextJobAt: (connection, _scope, { kinds }) => nextJobAt(connection, JSON.stringify(kinds)),

  renewJob(connection, scope, { id, fence, leaseUntil, at }) {
    requireFence(readJob(connection, scope.tenantId, id), fence)
    jobTable.update(connection, { tenantId: scope.tenantId, id }, { leaseUntil, updatedAt: at })
  },

  releaseJob(connection, scope, { id, fence, at }) {
    const job = readJob(connection, scope.tenantId, id)
    requireFence(job, fence)
    const attempts = Math.max(0, job.attempts - 1)
    giveBack(connection, job, { state: 'ready', attempts, updatedAt: at })
  },

  completeJob(connection, scope, { id, fence, result, again, at }) {
    const job = readJob(connection, scope.tenantId, id)
    requireFence(job, fence)
    giveBack(connection, job, {
      ...(again === null
        ? { state: 'done' as const }
        : { state: 'ready' as const, runAt: again, attempts: 0 }),
      updatedAt: at,
    })
    connection.run(
      `UPDATE jobs SET result = ?, last_error = NULL WHERE tenant_id = ? AND id = ?`,
      toJsonColumn(result),
      scope.tenantId,
      id,
    )
  },

  failJob(connection, scope, { id, fence, error, retryAt, giveUp, at }) {
    const job = readJob(connection, scope.tenantId, id)
    requireFence(job, fence)
    giveBack(connection, job, {
      state: giveUp || job.attempts >= job.maxAttempts ? 'dead' : 'ready',
      runAt: retryAt,
      lastError: error,
      updatedAt: at,
    })
    return readJob(connection, scope.tenantId, id)
  },

  retryJob(connection, scope, { id, at }) {
    const job = readJob(connection, scope.tenantId, id)
    requireDead(job, 'try')
    giveBack(connection, job, { state: 'ready', attempts: 0, runAt: at, updatedAt: at })
    return readJob(connection, scope.tenantId, id)
  },

  deleteJob(connection, scope, { id }) {
    requireDead(readJob(connection, scope.tenantId, id), 'remove')
    connection.run(`DELETE FROM jobs WHERE tenant_id = ? AND id = ?`, scope.tenantId, id)
  },

  countJobs(connection, _scope, { exceptKinds, at }) {
    const row = connection.get(
      `SELECT count(*) FILTER (WHERE state = 'ready' AND run_at <= ?),
         count(*) FILTER (WHERE state = 'ready' AND run_at > ?),
         count(*) FILTER (WHERE state = 'running'), count(*) FILTER (WHERE state = 'dead'),
         min(CASE WHEN state = 'ready' AND run_at <= ? THEN run_at END)
       FROM jobs WHERE state IN ('ready', 'running', 'dead')
         AND kind NOT IN (SELECT value FROM json_each(?))`,
      at,
      at,
      at,
      JSON.stringify(exceptKinds),
    )
    return {
      due: asInteger(row?.[0]),
      upcoming: asInteger(row?.[1]),
      running: asInteger(row?.[2]),
      dead: asInteger(row?.[3]),
      oldestDueAt: asOptionalInteger(row?.[4]),
    }
  },

  pruneJobs: (connection, scope, { endedBefore, limit }) =>
    connection.run(
      `DELETE FROM jobs WHERE tenant_id = ? AND id IN (
         SELECT id FROM jobs WHERE tenant_id = ? AND state = 'done' AND updated_at < ?
         ORDER BY updated_at LIMIT ?)`,
      scope.tenantId,
      scope.tenantId,
      endedBefore,
      limit,
    ),

  listTenants: (connection) =>
    connection
      .all('SELECT tenant_id FROM sequences ORDER BY tenant_id')
      .map(([tenantId]) => asText(tenantId)),
}

/** Stores a job in the transaction of its cause. */
export function insertJob(connection: Connection, tenantId: string, job: Job): void {
  const { tenantId: _, ...item } = job
  jobTable.insert(connection, tenantId, { item, engineValues: [0] })
}

type JobKey = Pick<Job, 'tenantId' | 'id'>
type JobRow = Omit<Job, 'tenantId'>

/** Ends an attempt. Whether the job's time has come is found out by the next claim. */
function giveBack(connection: Connection, key: JobKey, set: Partial<JobRow>): void {
  jobTable.update(connection, key, set)
  connection.run(
    `UPDATE jobs SET owner = NULL, lease_until = NULL, due = 0 WHERE tenant_id = ? AND id = ?`,
    key.tenantId,
    key.id,
  )
}
