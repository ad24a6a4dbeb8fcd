import {
  addChangeFilter,
  deleteHistory,
  selectChanges,
  selectOwnChange,
  selectState,
  type OwnedItem,
} from '../engine/memory-history.ts'
import type { MemoryChange, MemoryState } from '../../domain/memory-change.ts'
import type { ItemVersion, MemoryStore } from '../contract/memory-store.ts'
import type { MemoryOwner } from '../engine/block-writes.ts'
import type { ChangeRecord } from '../engine/memory-records.ts'
import { memoryChangeTable } from '../engine/memory-tables.ts'
import { notFound } from '../engine/not-found.ts'
import { asInteger } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import type { Operations } from './operation.ts'

/** Operations on the history of memory. */
export const memoryHistoryOperations: Operations<
  Extract<keyof MemoryStore, 'listMemoryChanges' | 'getMemoryStates' | 'forgetHistory'>
> = {
  listMemoryChanges(connection, scope, query) {
    requireAgent(connection, scope, query.agentId)
    const conditions = new Conditions()
    addChangeFilter(conditions, scope.tenantId, query)
    const sql = selectChanges(conditions)
    const rows = connection.all(sql, ...conditions.values, query.limit)
    return rows.map((row) => memoryChangeTable.read(row))
  },

  getMemoryStates(connection, scope, { agentId, versions }) {
    requireAgent(connection, scope, agentId)
    const owner = { tenantId: scope.tenantId, agentId }
    return versions.map((wanted) => readOwnState(connection, owner, wanted))
  },

  forgetHistory(connection, scope, { agentId, itemId }) {
    const item = { tenantId: scope.tenantId, agentId, itemId }
    requireAgent(connection, scope, agentId)
    if (!hasOwnChange(connection, item)) throw notFound('history', itemId)
    deleteHistory(connection, item)
  },
}

/** Reserves a number for a change or a proposal. */
export function takeMemoryNumber(connection: Connection, tenantId: string): number {
  const row = connection.get(
    `INSERT INTO memory_numbers (tenant_id, value) VALUES (?, 1)
     ON CONFLICT (tenant_id) DO UPDATE SET value = value + 1 RETURNING value`,
    tenantId,
  )
  return asInteger(row?.[0])
}

/** Stores changes under the next numbers. To be called once all rows of the operation are written. */
export function recordChanges(
  connection: Connection,
  tenantId: string,
  records: readonly ChangeRecord[],
): readonly MemoryChange[] {
  return records.map((record) => {
    const item: MemoryChange = { ...record, number: takeMemoryNumber(connection, tenantId) }
    memoryChangeTable.insert(connection, tenantId, { item })
    return item
  })
}

/** What an item of an agent was at a version; null where that is not stored, or of another agent. */
export function readOwnState(
  connection: Connection,
  owner: MemoryOwner,
  wanted: ItemVersion,
): MemoryState | null {
  if (!hasOwnChange(connection, { ...owner, itemId: wanted.itemId })) return null
  return readState(connection, owner.tenantId, wanted)
}

function hasOwnChange(connection: Connection, item: OwnedItem): boolean {
  const { sql, values } = selectOwnChange(item)
  return connection.get(sql, ...values) !== undefined
}

function readState(
  connection: Connection,
  tenantId: string,
  wanted: ItemVersion,
): MemoryState | null {
  for (const query of selectState(tenantId, wanted)) {
    const row = connection.get(query.sql, ...query.values)
    if (row !== undefined) return query.read(row)
  }
  return null
}
