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
import type { JobStore } from '../contract/job-store.ts'
import { Conditions } from './conditions.ts'
import { claimJobs, nextJobAt } from './job-claim.ts'
import { readJob } from './job-rows.ts'
import type { Operations } from './operation.ts'
import { asText } from '../engine/sql-value.ts'

/** Operations on the durable queue. */
export const jobOperations: Operations<keyof JobStore> = {
  enqueueJob(connection, scope, { job }) {
    insertJob(connection, scope.tenantId, job)
    return { ...job, tenantId: scope.tenantId }
  },

  getJob: (connection, scope, { id }) => readJob(connection, scope.tenantId, id),

  listJobs(connection, scope, { states, kinds, after, limit }) {
    const last = after === undefined ? null : readJob(connection, scope.tenantId, after)
    const conditions = new Conditions()
    addJobFilter(conditions, scope.tenantId, { states, kinds, limit, last })
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

  releaseJob(connection, scope, input) {
    releaseJob(connection, readJob(connection, scope.tenantId, input.id), input)
  },

  completeJob(connection, scope, input) {
    completeJob(connection, readJob(connection, scope.tenantId, input.id), input)
  },

  failJob(connection, scope, input) {
    failJob(connection, readJob(connection, scope.tenantId, input.id), input)
    return readJob(connection, scope.tenantId, input.id)
  },

  retryJob(connection, scope, input) {
    retryJob(connection, readJob(connection, scope.tenantId, input.id), input.at)
    return readJob(connection, scope.tenantId, input.id)
  },

  wakeJob(connection, scope, input) {
    wakeJob(connection, readJob(connection, scope.tenantId, input.id), input.at)
  },

  deleteJob(connection, scope, input) {
    deleteJob(connection, readJob(connection, scope.tenantId, input.id))
  },

  countJobs(connection, _scope, input) {
    const { sql, values } = selectJobCounts(new Conditions(), input)
    return toJobCounts(connection.get(sql, ...values))
  },

  pruneJobs(connection, scope, input) {
    const { sql, values } = deleteDone(scope.tenantId, input)
    return connection.run(sql, ...values)
  },

  listTenants: (connection) =>
    connection
      .all('SELECT tenant_id FROM sequences ORDER BY tenant_id')
      .map(([tenantId]) => asText(tenantId)),
}
