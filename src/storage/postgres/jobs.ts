import { jobTable } from '../engine/job-table.ts'
import { requireDead, requireFence } from '../engine/job-errors.ts'
import type { Job } from '../../domain/job.ts'
import type { JobStore } from '../contract/job-store.ts'
import { Conditions } from './conditions.ts'
import { claimJobs, nextJobAt } from './job-claim.ts'
import { lockJob, readJob, toJob } from './job-rows.ts'
import { databaseNow } from './lease-clock.ts'
import type { Operations } from './operation.ts'
import type { SqlConnection } from './sql-connection.ts'
import {
  asInteger,
  asOptionalInteger,
  asText,
  toJsonColumn,
  type SqlExpression,
} from '../engine/sql-value.ts'

/** Operations on the durable queue. */
export const jobOperations: Operations<keyof JobStore> = {
  async enqueueJob(connection, scope, { job }) {
    insertJob(connection, scope.tenantId, job)
    return { ...job, tenantId: scope.tenantId }
  },

  getJob: async (connection, scope, { id }) => await readJob(connection, scope.tenantId, id),

  async listJobs(connection, scope, { states, kinds, after, limit }) {
    const conditions = new Conditions()
      .add('j.tenant_id = ?', scope.tenantId)
      .oneOf('j.state', states)
      .oneOf('j.kind', kinds)
    if (after !== undefined) {
      const last = await readJob(connection, scope.tenantId, after)
      conditions.add('(j.created_at, j.id) < (?, ?)', last.createdAt, last.id)
    }
    const rows = await connection.all(
      `SELECT ${jobTable.list('j')} FROM jobs j WHERE ${conditions.sql}
       ORDER BY j.created_at DESC, j.id DESC LIMIT ?`,
      ...conditions.values,
      limit,
    )
    return rows.map((row) => toJob(connection, [scope.tenantId, ...row]))
  },

  claimJobs: async (connection, _scope, request) => await claimJobs(connection, request),

  nextJobAt: async (connection, _scope, { kinds }) => await nextJobAt(connection, kinds),

  async renewJob(connection, scope, { id, fence, leaseUntil, at }) {
    requireFence(await lockJob(connection, scope.tenantId, id), fence)
    connection.post(
      `UPDATE jobs SET lease_until = coalesce(?::bigint, ${databaseNow}) + ?, updated_at = ?
       WHERE tenant_id = ? AND id = ?`,
      connection.leaseClock.fixedTime(at),
      leaseUntil - at,
      at,
      scope.tenantId,
      id,
    )
  },

  async releaseJob(connection, scope, { id, fence, at }) {
    const job = await lockJob(connection, scope.tenantId, id)
    requireFence(job, fence)
    const attempts = Math.max(0, job.attempts - 1)
    giveBack(connection, job, { state: 'ready', attempts, updatedAt: at })
  },

  async completeJob(connection, scope, { id, fence, result, again, at }) {
    const job = await lockJob(connection, scope.tenantId, id)
    requireFence(job, fence)
    giveBack(connection, job, {
      ...(again === null
        ? { state: 'done' as const }
        : { state: 'ready' as const, runAt: again, attempts: 0 }),
      updatedAt: at,
    })
    connection.post(
      `UPDATE jobs SET result = ?, last_error = NULL WHERE tenant_id = ? AND id = ?`,
      toJsonColumn(result),
      scope.tenantId,
      id,
    )
  },

  async failJob(connection, scope, { id, fence, error, retryAt, giveUp, at }) {
    const job = await lockJob(connection, scope.tenantId, id)
    requireFence(job, fence)
    giveBack(connection, job, {
      state: giveUp || job.attempts >= job.maxAttempts ? 'dead' : 'ready',
      runAt: retryAt,
      lastError: error,
      updatedAt: at,
    })
    return await readJob(connection, scope.tenantId, id)
  },

  async retryJob(connection, scope, { id, at }) {
    const job = await lockJob(connection, scope.tenantId, id)
    requireDead(job, 'try')
    giveBack(connection, job, { state: 'ready', attempts: 0, runAt: at, updatedAt: at })
    return await readJob(connection, scope.tenantId, id)
  },

  async deleteJob(connection, scope, { id }) {
    requireDead(await lockJob(connection, scope.tenantId, id), 'remove')
    connection.post(`DELETE FROM jobs WHERE tenant_id = ? AND id = ?`, scope.tenantId, id)
  },

  async countJobs(connection, _scope, { exceptKinds, at }) {
    const row = await connection.get(
      `SELECT count(*) FILTER (WHERE state = 'ready' AND run_at <= ?),
         count(*) FILTER (WHERE state = 'ready' AND run_at > ?),
         count(*) FILTER (WHERE state = 'running'), count(*) FILTER (WHERE state = 'dead'),
         min(CASE WHEN state = 'ready' AND run_at <= ? THEN run_at END)
       FROM jobs WHERE state IN ('ready', 'running', 'dead')
         AND kind <> ALL(?)`,
      at,
      at,
      at,
      exceptKinds,
    )
    return {
      due: asInteger(row?.[0]),
      upcoming: asInteger(row?.[1]),
      running: asInteger(row?.[2]),
      dead: asInteger(row?.[3]),
      oldestDueAt: asOptionalInteger(row?.[4]),
    }
  },

  pruneJobs: async (connection, scope, { endedBefore, limit }) =>
    await connection.run(
      `DELETE FROM jobs WHERE tenant_id = ? AND id IN (
         SELECT id FROM jobs WHERE tenant_id = ? AND state = 'done' AND updated_at < ?
         ORDER BY updated_at LIMIT ?)`,
      scope.tenantId,
      scope.tenantId,
      endedBefore,
      limit,
    ),

  async listTenants(connection) {
    const rows = await connection.all('SELECT tenant_id FROM sequences ORDER BY tenant_id')
    return rows.map(([tenantId]) => asText(tenantId))
  },
}

/** Stores a job in the transaction of its cause. */
export function insertJob(connection: SqlConnection, tenantId: string, job: Job): void {
  const { tenantId: _, ...item } = job
  jobTable.insert(connection, tenantId, { item, engineValues: [0] })
}

/** Stores a job for a lane that only the database knows, when it finds that there is to be one. */
export function insertJobIf(
  connection: SqlConnection,
  tenantId: string,
  wish: { readonly job: Job; readonly lane: SqlExpression; readonly onlyIf: SqlExpression },
): void {
  const { tenantId: _, ...item } = wish.job
  const { lane, onlyIf } = wish
  jobTable.insertComputed(connection, tenantId, {
    item,
    computed: { lane },
    engineValues: [0],
    onlyIf,
  })
}

type JobKey = Pick<Job, 'tenantId' | 'id'>
type JobRow = Omit<Job, 'tenantId'>

/** Ends an attempt. Whether the job's time has come is found out by the next claim. */
function giveBack(connection: SqlConnection, key: JobKey, set: Partial<JobRow>): void {
  jobTable.update(connection, key, set)
  connection.post(
    `UPDATE jobs SET owner = NULL, lease_until = NULL, due = 0 WHERE tenant_id = ? AND id = ?`,
    key.tenantId,
    key.id,
  )
}
