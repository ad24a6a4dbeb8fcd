import type { Job } from '../../domain/job.ts'
import { jobTable } from '../engine/job-table.ts'
import { notFound } from '../engine/not-found.ts'
import { asText, type SqlRow } from '../engine/sql-value.ts'
import type { SqlConnection } from './sql-connection.ts'

/** The job in a row whose first column is its tenant. */
export function toJob(connection: SqlConnection, row: SqlRow): Job {
  const job = jobTable.read(row, 1)
  const { leaseUntil } = job
  return {
    ...job,
    tenantId: asText(row[0]),
    leaseUntil: leaseUntil === null ? null : connection.leaseClock.fromStored(leaseUntil),
  }
}

/** A job; throws `not_found`. */
export async function readJob(
  connection: SqlConnection,
  tenantId: string,
  id: string,
): Promise<Job> {
  return await readJobRow(connection, { tenantId, id, lock: '' })
}

/** A job that nobody else changes until the transaction ends; throws `not_found`. */
export async function lockJob(
  connection: SqlConnection,
  tenantId: string,
  id: string,
): Promise<Job> {
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
  return toJob(connection, [tenantId, ...row])
}
