import { insertJob } from '../engine/job-changes.ts'
import { orderBy, type Keyset } from '../engine/keyset.ts'
import { notFound } from '../engine/not-found.ts'
import { requireUnchanged } from '../engine/schedule-errors.ts'
import { scheduleTable } from '../engine/schedule-table.ts'
import type { Schedule } from '../../domain/schedule.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { ScheduleStore } from '../contract/schedule-store.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { readConversation } from './conversation-rows.ts'
import type { Operations } from './operation.ts'
import { addCursors } from './paging.ts'
import { addAgentScope } from '../engine/scope-conditions.ts'
import { takeSequence } from './sequences.ts'

/** Operations on schedules. */
export const scheduleOperations: Operations<keyof ScheduleStore> = {
  createSchedule(connection, scope, { schedule, job }) {
    const { tenantId } = scope
    const { agentId } = readConversation(connection, scope, schedule.conversationId)
    const item = { ...schedule, agentId }
    const sequence = takeSequence(connection, tenantId, 1)
    scheduleTable.insert(connection, tenantId, { item, engineValues: [sequence] })
    if (job !== null) insertJob(connection, tenantId, job)
    return item
  },

  getSchedule: (connection, scope, { id }) => readSchedule(connection, scope, id),

  listSchedules(connection, scope, { agentId, conversationId, states, page }) {
    const keyset: Keyset = {
      kind: 'schedule',
      tenantId: scope.tenantId,
      from: 'schedules s',
      keys: ['s.sequence'],
      id: 's.id',
      order: page.order,
      unknown: 'reject',
    }
    const conditions = new Conditions()
      .add('s.tenant_id = ?', scope.tenantId)
      .equal('s.agent_id', agentId)
      .equal('s.conversation_id', conversationId)
      .oneOf('s.state', states)
    addAgentScope(conditions, scope, 's.agent_id')
    addCursors(conditions, connection, { ...keyset, after: page.after, before: page.before })
    return connection
      .all(
        `SELECT ${scheduleTable.list('s')} FROM schedules s WHERE ${conditions.sql}
         ORDER BY ${orderBy(keyset)} LIMIT ?`,
        ...conditions.values,
        page.limit,
      )
      .map((row) => scheduleTable.read(row))
  },

  updateSchedule(connection, scope, { id, seen, set, job, at }) {
    const { tenantId } = scope
    requireUnchanged(readSchedule(connection, scope, id), seen)
    scheduleTable.update(connection, { tenantId, id }, { ...set, updatedAt: at })
    if (job !== null) insertJob(connection, tenantId, job)
    return readSchedule(connection, scope, id)
  },

  deleteSchedule(connection, scope, { id }) {
    readSchedule(connection, scope, id)
    connection.run(`DELETE FROM schedules WHERE tenant_id = ? AND id = ?`, scope.tenantId, id)
  },
}

function readSchedule(connection: Connection, scope: TenantScope, id: string): Schedule {
  const conditions = new Conditions().add('s.tenant_id = ? AND s.id = ?', scope.tenantId, id)
  addAgentScope(conditions, scope, 's.agent_id')
  const row = connection.get(
    `SELECT ${scheduleTable.list('s')} FROM schedules s WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  if (row === undefined) throw notFound('schedule', id)
  return scheduleTable.read(row)
}
