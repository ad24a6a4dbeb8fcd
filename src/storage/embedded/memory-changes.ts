import type { TenantScope } from '../../domain/scope.ts'
import type { Block } from '../../domain/block.ts'
import type { MemoryChange, MemoryState } from '../../domain/memory-change.ts'
import type { ItemVersion, MemoryStore } from '../contract/memory-store.ts'
import { passageTable } from '../engine/archive-tables.ts'
import { blockVersionTable } from '../engine/block-tables.ts'
import { deleteClosedFacts } from '../engine/fact-changes.ts'
import type { ChangeRecord } from '../engine/memory-records.ts'
import { memoryChangeTable } from '../engine/memory-tables.ts'
import { notFound } from '../engine/not-found.ts'
import { asInteger, asJson } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { readFactVersion } from './facts.ts'
import type { Operations } from './operation.ts'

/** Operations on the history of memory. */
export const memoryHistoryOperations: Operations<
  Extract<keyof MemoryStore, 'listMemoryChanges' | 'getMemoryStates' | 'forgetHistory'>
> = {
  listMemoryChanges(connection, scope, query) {
    requireAgent(connection, scope, query.agentId)
    const conditions = new Conditions().add('c.tenant_id = ?', scope.tenantId)
    addOwner(conditions, scope.tenantId, query.agentId)
    conditions
      .equal('c.item_id', query.itemId)
      .equal('c.run_id', query.runId)
      .equal('c.number', query.number)
    if (query.before !== undefined) conditions.add('c.number < ?', query.before)
    if (query.since !== undefined) conditions.add('c.created_at > ?', query.since)
    return connection
      .all(
        `SELECT ${memoryChangeTable.list('c')} FROM memory_changes c WHERE ${conditions.sql}
         ORDER BY c.number DESC LIMIT ?`,
        ...conditions.values,
        query.limit,
      )
      .map((row) => memoryChangeTable.read(row))
  },

  getMemoryStates(connection, scope, { agentId, versions }) {
    requireAgent(connection, scope, agentId)
    return versions.map((wanted) =>
      hasChangeOf(connection, scope, { agentId, itemId: wanted.itemId })
        ? readState(connection, scope.tenantId, wanted)
        : null,
    )
  },

  forgetHistory(connection, scope, { agentId, itemId }) {
    const { tenantId } = scope
    requireAgent(connection, scope, agentId)
    if (!hasChangeOf(connection, scope, { agentId, itemId })) throw notFound('history', itemId)
    connection.run(
      `DELETE FROM memory_changes WHERE tenant_id = ? AND item_id = ?`,
      tenantId,
      itemId,
    )
    connection.run(
      `DELETE FROM passage_versions WHERE tenant_id = ? AND passage_id = ?`,
      tenantId,
      itemId,
    )
    connection.run(
      `DELETE FROM block_versions WHERE tenant_id = ? AND block_id = ? AND version < coalesce(
         (SELECT b.version FROM blocks b WHERE b.tenant_id = ? AND b.id = ?), ?)`,
      tenantId,
      itemId,
      tenantId,
      itemId,
      Number.MAX_SAFE_INTEGER,
    )
    deleteClosedFacts(connection, tenantId, itemId)
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

/**
 * Limits a query over `memory_changes c` to an agent's: in its name, of what it has, and of the blocks it lost up to when
 * it lost them.
 */
function addOwner(conditions: Conditions, tenantId: string, agentId: string): void {
  const whose = [tenantId, agentId]
  conditions.add(
    `c.number IN (
       SELECT own.number FROM memory_changes own WHERE own.tenant_id = ? AND own.agent_id = ?
       UNION SELECT had.number FROM memory_changes had WHERE had.tenant_id = ? AND had.owner_id IN (
         SELECT link.block_id FROM agent_blocks link WHERE link.tenant_id = ? AND link.agent_id = ?
         UNION SELECT link.archive_id FROM agent_archives link
         WHERE link.tenant_id = ? AND link.agent_id = ?)
       UNION SELECT had.number FROM memory_changes lost
       JOIN memory_changes had ON had.tenant_id = lost.tenant_id AND had.item_id = lost.item_id
         AND had.number < lost.number
       WHERE lost.tenant_id = ? AND lost.agent_id = ? AND lost.action IN ('detach', 'delete'))`,
    ...whose,
    tenantId,
    ...whose,
    ...whose,
    ...whose,
  )
}

function hasChangeOf(
  connection: Connection,
  scope: TenantScope,
  { agentId, itemId }: { readonly agentId: string; readonly itemId: string },
): boolean {
  const conditions = new Conditions().add(
    'c.tenant_id = ? AND c.item_id = ?',
    scope.tenantId,
    itemId,
  )
  addOwner(conditions, scope.tenantId, agentId)
  const row = connection.get(
    `SELECT 1 FROM memory_changes c WHERE ${conditions.sql} LIMIT 1`,
    ...conditions.values,
  )
  return row !== undefined
}

function readState(
  connection: Connection,
  tenantId: string,
  { subject, itemId, version }: ItemVersion,
): MemoryState | null {
  if (subject === 'passage') return readPassageState(connection, tenantId, { itemId, version })
  if (subject !== 'block') {
    const fact = readFactVersion(connection, tenantId, { id: itemId, version })
    return fact === null ? null : { subject: fact.kind, version, fact }
  }
  const row = connection.get(
    `SELECT ${blockVersionTable.list('h')} FROM block_versions h
     WHERE h.tenant_id = ? AND h.block_id = ? AND h.version = ?`,
    tenantId,
    itemId,
    version,
  )
  if (row === undefined) return null
  const { label, value, description, limit, readOnly } = blockVersionTable.read(row)
  const block: Pick<Block, 'id' | 'label' | 'value' | 'description' | 'limit' | 'readOnly'> = {
    id: itemId,
    label,
    value,
    description,
    limit,
    readOnly,
  }
  return { subject, version, block }
}

function readPassageState(
  connection: Connection,
  tenantId: string,
  { itemId, version }: { readonly itemId: string; readonly version: number },
): MemoryState | null {
  const past = connection.get(
    `SELECT item FROM passage_versions WHERE tenant_id = ? AND passage_id = ? AND version = ?`,
    tenantId,
    itemId,
    version,
  )
  if (past !== undefined) return { subject: 'passage', version, passage: asJson(past[0]) }
  const row = connection.get(
    `SELECT ${passageTable.list('s')} FROM passages s
     WHERE s.tenant_id = ? AND s.id = ? AND s.version = ?`,
    tenantId,
    itemId,
    version,
  )
  return row === undefined ? null : { subject: 'passage', version, passage: passageTable.read(row) }
}
