import type { Job } from '../../domain/job.ts'
import { Table } from './table.ts'

/** The table of jobs. */
export const jobTable = new Table<Omit<Job, 'tenantId'>>({
  name: 'jobs',
  columns: {
    id: 'text',
    kind: 'text',
    payload: 'json',
    lane: 'text',
    state: 'text',
    attempts: 'integer',
    maxAttempts: 'integer',
    runAt: 'integer',
    owner: 'text',
    fence: 'integer',
    leaseUntil: 'integer',
    lastError: 'text',
    result: 'json',
    createdAt: 'integer',
    updatedAt: 'integer',
  },
  engineColumns: ['due'],
})
