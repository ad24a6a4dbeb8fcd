import type { MemoryState } from '../../domain/memory-change.ts'
import type { ItemVersion, MemoryChangeQuery } from '../contract/memory-store.ts'
import { passageTable } from './archive-tables.ts'
import { toBlockState } from './block-changes.ts'
import { blockVersionTable } from './block-tables.ts'
import { deleteClosedFacts, selectFactVersion } from './fact-changes.ts'
import { factTable } from './fact-table.ts'
import { memoryChangeTable } from './memory-tables.ts'
import type { QueryConditions } from './query-conditions.ts'
import { asJson, type SqlExpression, type SqlRow } from './sql-value.ts'
import type { ChangeTarget } from './table.ts'

/** An item of a tenant, as an agent may ask for its history. */
export interface OwnedItem {
  readonly tenantId: string
  readonly agentId: string
  readonly itemId: string
}

/** Limits a query over `memory_changes c` to the changes that are asked for. */
export function addChangeFilter<Value>(
  conditions: QueryConditions<Value>,
  tenantId: string,
  query: MemoryChangeQuery,
): void {
  const owner = changedFor(tenantId, query.agentId)
  conditions
    .add('c.tenant_id = ?', tenantId)
    .add(owner.sql, ...owner.values)
    .equal('c.item_id', query.itemId)
    .equal('c.run_id', query.runId)
    .equal('c.number', query.number)
  if (query.before !== undefined) conditions.add('c.number < ?', query.before)
  if (query.since !== undefined) conditions.add('c.created_at > ?', query.since)
}

/** The query that finds a row when an item has a change that belongs to the agent. */
export function selectOwnChange({ tenantId, agentId, itemId }: OwnedItem): SqlExpression {
  const owner = changedFor(tenantId, agentId)
  return {
    sql: `SELECT 1 FROM memory_changes c WHERE c.tenant_id = ? AND c.item_id = ? AND ${owner.sql} LIMIT 1`,
    values: [tenantId, itemId, ...owner.values],
  }
}

/**
 * That one of `memory_changes c` is the agent's: in its name, of what it has, or of a block it lost, up to when it lost it.
 * `UNION ALL`, as what has to be sorted to drop duplicates is read in that order: every change of the tenant, and for each all
 * that the agent lost.
 */
function changedFor(tenantId: string, agentId: string): SqlExpression {
  const whose = [tenantId, agentId]
  return {
    sql: `c.number IN (
       SELECT own.number FROM memory_changes own WHERE own.tenant_id = ? AND own.agent_id = ?
       UNION ALL SELECT had.number FROM memory_changes had WHERE had.tenant_id = ? AND had.owner_id IN (
         SELECT link.block_id FROM agent_blocks link WHERE link.tenant_id = ? AND link.agent_id = ?
         UNION SELECT link.archive_id FROM agent_archives link
         WHERE link.tenant_id = ? AND link.agent_id = ?)
       UNION ALL SELECT had.number FROM memory_changes lost
       JOIN memory_changes had ON had.tenant_id = lost.tenant_id AND had.item_id = lost.item_id
         AND had.number < lost.number
       WHERE lost.tenant_id = ? AND lost.agent_id = ? AND lost.action IN ('detach', 'delete'))`,
    values: [...whose, tenantId, ...whose, ...whose, ...whose],
  }
}

/** A place where the state of an item at a version may be kept. */
export interface StateQuery extends SqlExpression {
  /** The state in the row that was found. */
  read(row: SqlRow): MemoryState
}

/** Where the state of an item at a version may be kept, in the order to look. */
export function selectState(
  tenantId: string,
  { subject, itemId, version }: ItemVersion,
): readonly StateQuery[] {
  if (subject === 'passage') return selectPassageState(tenantId, { itemId, version })
  if (subject === 'block') return [selectBlockState(tenantId, { itemId, version })]
  const read = (row: SqlRow): MemoryState => {
    const fact = factTable.read(row)
    return { subject: fact.kind, version, fact }
  }
  return [{ ...selectFactVersion(tenantId, { id: itemId, version }), read }]
}

type Kept = Omit<ItemVersion, 'subject'>

function selectBlockState(tenantId: string, { itemId, version }: Kept): StateQuery {
  return {
    sql: `SELECT ${blockVersionTable.list('h')} FROM block_versions h
     WHERE h.tenant_id = ? AND h.block_id = ? AND h.version = ?`,
    values: [tenantId, itemId, version],
    read: (row) => toBlockState(blockVersionTable.read(row)),
  }
}

function selectPassageState(tenantId: string, { itemId, version }: Kept): readonly StateQuery[] {
  const values = [tenantId, itemId, version]
  const past: StateQuery = {
    sql: `SELECT item FROM passage_versions WHERE tenant_id = ? AND passage_id = ? AND version = ?`,
    values,
    read: (row) => ({ subject: 'passage', version, passage: asJson(row[0]) }),
  }
  const present: StateQuery = {
    sql: `SELECT ${passageTable.list('s')} FROM passages s
     WHERE s.tenant_id = ? AND s.id = ? AND s.version = ?`,
    values,
    read: (row) => ({ subject: 'passage', version, passage: passageTable.read(row) }),
  }
  return [past, present]
}

/** Removes every change and earlier version of an item. */
export function deleteHistory(
  target: ChangeTarget,
  { tenantId, itemId }: Omit<OwnedItem, 'agentId'>,
): void {
  const item = [tenantId, itemId] as const
  target.post(`DELETE FROM memory_changes WHERE tenant_id = ? AND item_id = ?`, ...item)
  target.post(`DELETE FROM passage_versions WHERE tenant_id = ? AND passage_id = ?`, ...item)
  target.post(
    `DELETE FROM block_versions WHERE tenant_id = ? AND block_id = ? AND version < coalesce(
         (SELECT b.version FROM blocks b WHERE b.tenant_id = ? AND b.id = ?), ?)`,
    ...item,
    ...item,
    Number.MAX_SAFE_INTEGER,
  )
  deleteClosedFacts(target, tenantId, itemId)
}

/** The query for changes that fit some conditions, newest first; the limit is its last value. */
export function selectChanges(conditions: { readonly sql: string }): string {
  return `SELECT ${memoryChangeTable.list('c')} FROM memory_changes c WHERE ${conditions.sql}
    ORDER BY c.number DESC LIMIT ?`
}
