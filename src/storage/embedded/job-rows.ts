import type { Job } from '../../domain/job.ts'
import { jobTable } from '../engine/job-table.ts'
import { notFound } from '../engine/not-found.ts'
import type { Connection } from './connection.ts'

/** A job; throws `not_found`. */
export function readJob(connection: Connection, tenantId: string, id: string): Job {
  const row = connection.get(
    `SELECT ${jobTable.list('j')} FROM jobs j WHERE j.tenant_id = ? AND j.id = ?`,
    tenantId,
    id,
  )
  if (row === undefined) throw notFound('job', id)
  return { ...jobTable.read(row), tenantId }
}
