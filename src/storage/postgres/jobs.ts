import { jobTable } from '../engine/job-table.ts'
import type { Job } from '../../domain/job.ts'
import { AppError } from '../../errors/app-error.ts'
import type { JobStore } from '../contract/job-store.ts'
import { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import { databaseNow } from './lease-clock.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operations } from './operation.ts'
import { asText, toJsonColumn, type SqlRow } from '../engine/sql-value.ts'

/** Operations on the durable queue. */
export const jobOperations: Operations<keyof JobStore> = {
  async enqueueJob(connection, scope, { job }) {
    const { tenantId: _, ...item } = job
    jobTable.insert(connection, scope.tenantId, { item, engineValues: [null] })
    return { ...job, tenantId: scope.tenantId }
  },

  getJob: async (connection, scope, { id }) => await readJob(connection, scope.tenantId, id),

  async listJobs(connection, scope, { states, kinds, limit }) {
    const conditions = new Conditions()
      .add('j.tenant_id = ?', scope.tenantId)
      .oneOf('j.state', states)
      .oneOf('j.kind', kinds)
    return (
      await connection.all(
        `SELECT ${jobTable.list('j')} FROM jobs j WHERE ${conditions.sql}
         ORDER BY j.created_at DESC, j.id DESC LIMIT ?`,
        ...conditions.values,
        limit,
      )
    ).map((row) => toJob(connection, [scope.tenantId, ...row], scope.tenantId))
  },

  async claimJobs(connection, _scope, { owner, kinds, at, leaseUntil, limit }) {
    const now = connection.leaseClock.fixedTime(at)
    const rows = await connection.all(
      `WITH due AS (
         SELECT j.tenant_id, j.id FROM jobs j
         WHERE j.state IN ('ready', 'running') AND j.run_at <= ?
           AND (j.state = 'ready' OR j.lease_until <= coalesce(?::bigint, ${databaseNow}))
           AND j.kind = ANY(?)
         ORDER BY j.run_at, j.created_at, j.id LIMIT ? FOR UPDATE SKIP LOCKED)
       UPDATE jobs j SET state = 'running', attempts = j.attempts + 1, fence = j.fence + 1,
         owner = ?, lease_until = coalesce(?::bigint, ${databaseNow}) + ?, updated_at = ?
       FROM due WHERE j.tenant_id = due.tenant_id AND j.id = due.id
       RETURNING j.tenant_id, ${jobTable.list('j')}`,
      at,
      now,
      kinds,
      limit,
      owner,
      now,
      leaseUntil - at,
      at,
    )
    return rows
      .map((row) => toJob(connection, row, asText(row[0])))
      .toSorted((a, b) => a.runAt - b.runAt || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  },

  async completeJob(connection, scope, { id, fence, result, at }) {
    requireFence(await lockJob(connection, scope.tenantId, id), fence)
    connection.post(
      `UPDATE jobs SET state = 'done', owner = NULL, lease_until = NULL, last_error = NULL,
         result = ?, updated_at = ? WHERE tenant_id = ? AND id = ?`,
      toJsonColumn(result),
      at,
      scope.tenantId,
      id,
    )
  },

  async failJob(connection, scope, { id, fence, error, retryAt, at }) {
    const job = await lockJob(connection, scope.tenantId, id)
    requireFence(job, fence)
    connection.post(
      `UPDATE jobs SET state = ?, run_at = ?, owner = NULL, lease_until = NULL, last_error = ?,
         updated_at = ? WHERE tenant_id = ? AND id = ?`,
      job.attempts >= job.maxAttempts ? 'dead' : 'ready',
      retryAt,
      error,
      at,
      scope.tenantId,
      id,
    )
    return await readJob(connection, scope.tenantId, id)
  },
}

/** The job in a row whose first column is its tenant. */
function toJob(connection: SqlConnection, row: SqlRow, tenantId: string): Job {
  const job = jobTable.read(row, 1)
  const { leaseUntil } = job
  return {
    ...job,
    tenantId,
    leaseUntil: leaseUntil === null ? null : connection.leaseClock.fromStored(leaseUntil),
  }
}

async function readJob(connection: SqlConnection, tenantId: string, id: string): Promise<Job> {
  return await readJobRow(connection, { tenantId, id, lock: '' })
}

/** The job, which nobody else changes until the transaction ends. */
async function lockJob(connection: SqlConnection, tenantId: string, id: string): Promise<Job> {
  return await readJobRow(connection, { tenantId, id, lock: 'FOR UPDATE' })
}

async function readJobRow(
  connection: SqlConnection,
  key: { readonly tenantId: string; readonly id: string; readonly lock: string },
): Promise<Job> {
  const { tenantId, id, lock } = key
  const row = await connection.get(
    `SELECT ${jobTable.list('j')} FROM jobs j WHERE j.tenant_id = ? AND j.id = ? ${lock}`,
    tenantId,
    id,
  )
  if (row === undefined) throw notFound('job', id)
  return toJob(connection, [tenantId, ...row], tenantId)
}

function requireFence(job: Job, fence: number): void {
  if (job.state === 'running' && job.fence === fence) return
  throw new AppError(
    'lease_lost',
    `Cannot finish the job ${job.id}: another process has it by now, or it is over. Drop this attempt.`,
    { data: { kind: 'job', id: job.id } },
  )
}
