import { jobTable } from '../engine/job-table.ts'
import type { Job } from '../../domain/job.ts'
import { AppError } from '../../errors/app-error.ts'
import type { JobStore } from '../contract/job-store.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operations } from './operation.ts'
import { asText, toJsonColumn } from '../engine/sql-value.ts'

/** Operations on the durable queue. */
export const jobOperations: Operations<keyof JobStore> = {
  enqueueJob(connection, scope, { job }) {
    const { tenantId: _, ...item } = job
    jobTable.insert(connection, scope.tenantId, { item, engineValues: [null] })
    return { ...job, tenantId: scope.tenantId }
  },

  getJob: (connection, scope, { id }) => readJob(connection, scope.tenantId, id),

  listJobs(connection, scope, { states, kinds, limit }) {
    const conditions = new Conditions()
      .add('j.tenant_id = ?', scope.tenantId)
      .oneOf('j.state', states)
      .oneOf('j.kind', kinds)
    return connection
      .all(
        `SELECT ${jobTable.list('j')} FROM jobs j WHERE ${conditions.sql}
         ORDER BY j.created_at DESC, j.id DESC LIMIT ?`,
        ...conditions.values,
        limit,
      )
      .map((row) => ({ ...jobTable.read(row), tenantId: scope.tenantId }))
  },

  claimJobs(connection, _scope, { owner, kinds, at, leaseUntil, limit }) {
    const due = connection.all(
      `SELECT j.tenant_id, j.id FROM jobs j
       WHERE j.state IN ('ready', 'running') AND j.run_at <= ?
         AND (j.state = 'ready' OR j.lease_until <= ?)
         AND j.kind IN (SELECT value FROM json_each(?))
       ORDER BY j.run_at, j.created_at, j.id LIMIT ?`,
      at,
      at,
      JSON.stringify(kinds),
      limit,
    )
    return due.map(([tenantId, id]) => {
      const key = { tenantId: asText(tenantId), id: asText(id) }
      connection.run(
        `UPDATE jobs SET state = 'running', attempts = attempts + 1, fence = fence + 1, owner = ?,
           lease_until = ?, updated_at = ? WHERE tenant_id = ? AND id = ?`,
        owner,
        leaseUntil,
        at,
        key.tenantId,
        key.id,
      )
      return readJob(connection, key.tenantId, key.id)
    })
  },

  completeJob(connection, scope, { id, fence, result, at }) {
    requireFence(readJob(connection, scope.tenantId, id), fence)
    connection.run(
      `UPDATE jobs SET state = 'done', owner = NULL, lease_until = NULL, last_error = NULL,
         result = ?, updated_at = ? WHERE tenant_id = ? AND id = ?`,
      toJsonColumn(result),
      at,
      scope.tenantId,
      id,
    )
  },

  failJob(connection, scope, { id, fence, error, retryAt, at }) {
    const job = readJob(connection, scope.tenantId, id)
    requireFence(job, fence)
    connection.run(
      `UPDATE jobs SET state = ?, run_at = ?, owner = NULL, lease_until = NULL, last_error = ?,
         updated_at = ? WHERE tenant_id = ? AND id = ?`,
      job.attempts >= job.maxAttempts ? 'dead' : 'ready',
      retryAt,
      error,
      at,
      scope.tenantId,
      id,
    )
    return readJob(connection, scope.tenantId, id)
  },
}

function readJob(connection: Connection, tenantId: string, id: string): Job {
  const row = connection.get(
    `SELECT ${jobTable.list('j')} FROM jobs j WHERE j.tenant_id = ? AND j.id = ?`,
    tenantId,
    id,
  )
  if (row === undefined) throw notFound('job', id)
  return { ...jobTable.read(row), tenantId }
}

function requireFence(job: Job, fence: number): void {
  if (job.state === 'running' && job.fence === fence) return
  throw new AppError(
    'lease_lost',
    `Cannot finish the job ${job.id}: another process has it by now, or it is over. Drop this attempt.`,
    { data: { kind: 'job', id: job.id } },
  )
}
