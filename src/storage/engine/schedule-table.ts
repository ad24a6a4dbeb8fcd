import type { Schedule } from '../../domain/schedule.ts'
import { Table } from './table.ts'

/** The table of schedules. */
export const scheduleTable = new Table<Schedule>({
  name: 'schedules',
  columns: {
    id: 'text',
    agentId: 'text',
    conversationId: 'text',
    creator: 'json',
    timing: 'json',
    input: 'json',
    missed: 'text',
    state: 'text',
    nextAt: 'moment',
    lastDueAt: 'moment',
    lastRunId: 'text',
    lastError: 'text',
    firedCount: 'integer',
    missedCount: 'integer',
    createdAt: 'integer',
    updatedAt: 'integer',
  },
  engineColumns: ['sequence'],
})
