import {
  addJobFilter,
  completeJob,
  deleteDone,
  deleteJob,
  failJob,
  insertJob,
  releaseJob,
  retryJob,
  wakeJob,
  selectJobCounts,
  toJobCounts,
} from '../engine/job-changes.ts'
import { jobTable } from '../engine/job-table.ts'
import { requireFence } from '../engine/job-errors.ts'
import type { Job } from '../../domain/job.ts'
import type { JobStore } from '../contract/job-store.ts'
import { Conditions } from './conditions.ts'
import { claimJobs, nextJobAt } from './job-claim.ts'
import { lockJob, readJob, toJob } from './job-rows.ts'
import { databaseNow } from './lease-clock.ts'
import type { Operations } from './operation.ts'
import type { SqlConnection } from './sql-connection.ts'
import { asText, type SqlExpression } from '../engine/sql-value.ts'

/** Operations on the durable queue. */
export const jobOperations: Operations<keyof JobStore> = {
  async enqueueJob(connection, scope, { job }) {
    insertJob(connection, scope.tenantId, job)
    return { ...job, tenantId: scope.tenantId }
  },

  getJob: async (connection, scope, { id }) => await readJob(connection, scope.tenantId, id),

  async listJobs(connection, scope, { states, kinds, after, limit }) {
    const last = after === undefined ? null : await readJob(connection, scope.tenantId, after)
    const conditions = new Conditions()
    addJobFilter(conditions, scope.tenantId, { states, kinds, limit, last })
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

  async releaseJob(connection, scope, input) {
    releaseJob(connection, await lockJob(connection, scope.tenantId, input.id), input)
  },

  async completeJob(connection, scope, input) {
    completeJob(connection, await lockJob(connection, scope.tenantId, input.id), input)
  },

  async failJob(connection, scope, input) {
    failJob(connection, await lockJob(connection, scope.tenantId, input.id), input)
    return await readJob(connection, scope.tenantId, input.id)
  },

  async retryJob(connection, scope, input) {
    retryJob(connection, await lockJob(connection, scope.tenantId, input.id), input.at)
    return await readJob(connection, scope.tenantId, input.id)
  },

  async wakeJob(connection, scope, input) {
    wakeJob(connection, await lockJob(connection, scope.tenantId, input.id), input.at)
  },

  async deleteJob(connection, scope, input) {
    deleteJob(connection, await lockJob(connection, scope.tenantId, input.id))
  },

  async countJobs(connection, _scope, input) {
    const { sql, values } = selectJobCounts(new Conditions(), input)
    return toJobCounts(await connection.get(sql, ...values))
  },

  async pruneJobs(connection, scope, input) {
    const { sql, values } = deleteDone(scope.tenantId, input)
    return await connection.run(sql, ...values)
  },

  async listTenants(connection) {
    const rows = await connection.all('SELECT tenant_id FROM sequences ORDER BY tenant_id')
    return rows.map(([tenantId]) => asText(tenantId))
  },
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
