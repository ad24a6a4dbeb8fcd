import {
  addChangeFilter,
  deleteHistory,
  selectChanges,
  selectOwnChange,
  selectState,
  type OwnedItem,
} from '../engine/memory-history.ts'
import type { MemoryChange, MemoryState } from '../../domain/memory-change.ts'
import type { JsonObject } from '../../util/json.ts'
import type { ItemVersion, MemoryStore } from '../contract/memory-store.ts'
import type { ExpectedBlock } from '../contract/turn-store.ts'
import { toProposal, type ChangeOrigin, type ChangeRecord } from '../engine/memory-records.ts'
import { memoryChangeTable, memoryProposalTable } from '../engine/memory-tables.ts'
import { notFound } from '../engine/not-found.ts'
import { asInteger, toJsonColumn, type SqlExpression } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import type { MemoryOwner } from '../engine/block-writes.ts'
import type { Operations } from './operation.ts'

/** Operations on the history of memory. */
export const memoryHistoryOperations: Operations<
  Extract<keyof MemoryStore, 'listMemoryChanges' | 'getMemoryStates' | 'forgetHistory'>
> = {
  async listMemoryChanges(connection, scope, query) {
    await requireAgent(connection, scope, query.agentId)
    const conditions = new Conditions()
    addChangeFilter(conditions, scope.tenantId, query)
    const sql = selectChanges(conditions)
    const rows = await connection.all(sql, ...conditions.values, query.limit)
    return rows.map((row) => memoryChangeTable.read(row))
  },

  async getMemoryStates(connection, scope, { agentId, versions }) {
    await requireAgent(connection, scope, agentId)
    const owner = { tenantId: scope.tenantId, agentId }
    return await Promise.all(versions.map((wanted) => readOwnState(connection, owner, wanted)))
  },

  async forgetHistory(connection, scope, { agentId, itemId }) {
    const item = { tenantId: scope.tenantId, agentId, itemId }
    await requireAgent(connection, scope, agentId)
    if (!(await hasOwnChange(connection, item))) throw notFound('history', itemId)
    deleteHistory(connection, item)
  },
}

/** In whose name changes are made, as expressions where they are not known yet. */
export interface ChangeMaker {
  readonly agentId: SqlExpression
  readonly runId: SqlExpression
}

/** The agent of a conversation, and the run of a step. */
export function toChangeMaker(
  tenantId: string,
  { conversationId, stepId }: { readonly conversationId: string; readonly stepId: string },
): ChangeMaker {
  return {
    agentId: {
      sql: `(SELECT head.agent_id FROM conversation_heads head
        WHERE head.tenant_id = ? AND head.conversation_id = ?)`,
      values: [tenantId, conversationId],
    },
    runId: {
      sql: `(SELECT turn.run_id FROM steps step
        JOIN turns turn ON turn.tenant_id = step.tenant_id AND turn.id = step.turn_id
        WHERE step.tenant_id = ? AND step.id = ?)`,
      values: [tenantId, stepId],
    },
  }
}

/** Stores changes under the next numbers. To be called once all rows of the operation are sent. */
export function recordChanges(
  connection: SqlConnection,
  tenantId: string,
  records: readonly ChangeRecord[],
): void {
  postChanges(connection, tenantId, { records })
}

/** The same, in the name of somebody who is looked up. */
export function postChanges(
  connection: SqlConnection,
  tenantId: string,
  {
    records,
    by = {},
  }: { readonly records: readonly ChangeRecord[]; readonly by?: Partial<ChangeMaker> },
): void {
  if (records.length === 0) return
  const numbers = reserveNumbers(connection, tenantId, records.length)
  for (const [index, record] of records.entries()) {
    memoryChangeTable.insertComputed(connection, tenantId, {
      item: { ...record, number: 0 },
      computed: { ...by, number: numbers(index) },
    })
  }
}

/** Stores changes under the next numbers, and waits for what they are. */
export async function numberChanges(
  connection: SqlConnection,
  tenantId: string,
  records: readonly ChangeRecord[],
): Promise<readonly MemoryChange[]> {
  recordChanges(connection, tenantId, records)
  const row = await connection.get(`SELECT value FROM memory_numbers WHERE tenant_id = ?`, tenantId)
  if (records.length === 0) return []
  const first = asInteger(row?.[0]) - records.length + 1
  return records.map((record, index) => ({ ...record, number: first + index }))
}

/** Reserves numbers; returns the first. */
export async function takeMemoryNumbers(
  connection: SqlConnection,
  tenantId: string,
  count: number,
): Promise<number> {
  const row = await connection.get(
    `INSERT INTO memory_numbers (tenant_id, value) VALUES (?, ?)
     ON CONFLICT (tenant_id) DO UPDATE SET value = memory_numbers.value + excluded.value
     RETURNING value`,
    tenantId,
    count,
  )
  return asInteger(row?.[0]) - count + 1
}

/** Records the edit of a block that was sent without knowing what it was, if it changed anything. */
export function postEditRecord(
  connection: SqlConnection,
  tenantId: string,
  {
    edit,
    origin,
    by,
  }: {
    readonly edit: ExpectedBlock
    readonly origin: ChangeOrigin
    readonly by: ChangeMaker
  },
): void {
  const { cause, at } = origin
  connection.post(
    `WITH made AS (
       SELECT after.block_id, after.label, after.version, after.value, before.value AS old_value
       FROM block_versions after
       JOIN block_versions before ON before.tenant_id = after.tenant_id
         AND before.block_id = after.block_id AND before.version = after.version - 1
       WHERE after.tenant_id = ? AND after.block_id = ? AND after.version = ?::bigint),
     next AS (
       INSERT INTO memory_numbers (tenant_id, value) SELECT ?, 1 FROM made
       ON CONFLICT (tenant_id) DO UPDATE SET value = memory_numbers.value + 1 RETURNING value)
     INSERT INTO memory_changes (tenant_id, number, subject, item_id, owner_id, label, action,
       version, before_hash, after_hash, agent_id, run_id, actor, reason, source_message_ids,
       created_at)
     SELECT ?, next.value, 'block', made.block_id, made.block_id, made.label, 'edit', made.version,
       encode(sha256(convert_to(made.old_value, 'UTF8')), 'hex'),
       encode(sha256(convert_to(made.value, 'UTF8')), 'hex'),
       ${by.agentId.sql}, ${by.runId.sql}, ?, ?, ?, ?::bigint
     FROM made, next`,
    tenantId,
    edit.blockId,
    edit.expectedVersion + 1,
    tenantId,
    tenantId,
    ...by.agentId.values,
    ...by.runId.values,
    toJsonColumn(cause.actor),
    cause.reason,
    toJsonColumn(cause.sourceMessageIds),
    at,
  )
}

/** Sends an open proposal. */
export function postProposal(
  connection: SqlConnection,
  tenantId: string,
  {
    edit,
    origin,
    by,
  }: { readonly edit: JsonObject; readonly origin: ChangeOrigin; readonly by: ChangeMaker },
): void {
  const number = reserveNumbers(connection, tenantId, 1)(0)
  const item = toProposal(0, { edit, origin })
  memoryProposalTable.insertComputed(connection, tenantId, { item, computed: { ...by, number } })
}

/** Reserves numbers; returns the expression of each. */
function reserveNumbers(
  connection: SqlConnection,
  tenantId: string,
  count: number,
): (index: number) => SqlExpression {
  connection.post(
    `INSERT INTO memory_numbers (tenant_id, value) VALUES (?, ?)
     ON CONFLICT (tenant_id) DO UPDATE SET value = memory_numbers.value + excluded.value`,
    tenantId,
    count,
  )
  return (index) => ({
    sql: `(SELECT numbers.value - ?::bigint FROM memory_numbers numbers WHERE numbers.tenant_id = ?)`,
    values: [count - 1 - index, tenantId],
  })
}

/** What an item of an agent was at a version; null where that is not stored, or of another agent. */
export async function readOwnState(
  connection: SqlConnection,
  owner: MemoryOwner,
  wanted: ItemVersion,
): Promise<MemoryState | null> {
  if (!(await hasOwnChange(connection, { ...owner, itemId: wanted.itemId }))) return null
  return await readState(connection, owner.tenantId, wanted)
}

async function hasOwnChange(connection: SqlConnection, item: OwnedItem): Promise<boolean> {
  const { sql, values } = selectOwnChange(item)
  return (await connection.get(sql, ...values)) !== undefined
}

async function readState(
  connection: SqlConnection,
  tenantId: string,
  wanted: ItemVersion,
): Promise<MemoryState | null> {
  for (const query of selectState(tenantId, wanted)) {
    const row = await connection.get(query.sql, ...query.values)
    if (row !== undefined) return query.read(row)
  }
  return null
}
