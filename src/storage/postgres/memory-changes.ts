import type { TenantScope } from '../../domain/scope.ts'
import type { Block } from '../../domain/block.ts'
import type { MemoryChange, MemoryState } from '../../domain/memory-change.ts'
import type { JsonObject } from '../../util/json.ts'
import type { ItemVersion, MemoryStore } from '../contract/memory-store.ts'
import type { ExpectedBlock } from '../contract/turn-store.ts'
import { deleteClosedFacts } from '../engine/fact-changes.ts'
import { passageTable } from '../engine/archive-tables.ts'
import { blockVersionTable } from '../engine/block-tables.ts'
import { toProposal, type ChangeOrigin, type ChangeRecord } from '../engine/memory-records.ts'
import { memoryChangeTable, memoryProposalTable } from '../engine/memory-tables.ts'
import { notFound } from '../engine/not-found.ts'
import { asInteger, asJson, toJsonColumn, type SqlExpression } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import { readFactVersion } from './facts.ts'
import type { Operations } from './operation.ts'

/** Operations on the history of memory. */
export const memoryHistoryOperations: Operations<
  Extract<keyof MemoryStore, 'listMemoryChanges' | 'getMemoryStates' | 'forgetHistory'>
> = {
  async listMemoryChanges(connection, scope, query) {
    await requireAgent(connection, scope, query.agentId)
    const conditions = new Conditions().add('c.tenant_id = ?', scope.tenantId)
    addOwner(conditions, scope.tenantId, query.agentId)
    conditions
      .equal('c.item_id', query.itemId)
      .equal('c.run_id', query.runId)
      .equal('c.number', query.number)
    if (query.before !== undefined) conditions.add('c.number < ?', query.before)
    if (query.since !== undefined) conditions.add('c.created_at > ?', query.since)
    const rows = await connection.all(
      `SELECT ${memoryChangeTable.list('c')} FROM memory_changes c WHERE ${conditions.sql}
         ORDER BY c.number DESC LIMIT ?`,
      ...conditions.values,
      query.limit,
    )
    return rows.map((row) => memoryChangeTable.read(row))
  },

  async getMemoryStates(connection, scope, { agentId, versions }) {
    await requireAgent(connection, scope, agentId)
    return await Promise.all(
      versions.map(async (wanted) =>
        (await hasChangeOf(connection, scope, { agentId, itemId: wanted.itemId }))
          ? await readState(connection, scope.tenantId, wanted)
          : null,
      ),
    )
  },

  async forgetHistory(connection, scope, { agentId, itemId }) {
    const { tenantId } = scope
    await requireAgent(connection, scope, agentId)
    if (!(await hasChangeOf(connection, scope, { agentId, itemId })))
      throw notFound('history', itemId)
    connection.post(
      `DELETE FROM memory_changes WHERE tenant_id = ? AND item_id = ?`,
      tenantId,
      itemId,
    )
    connection.post(
      `DELETE FROM passage_versions WHERE tenant_id = ? AND passage_id = ?`,
      tenantId,
      itemId,
    )
    connection.post(
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

async function hasChangeOf(
  connection: SqlConnection,
  scope: TenantScope,
  { agentId, itemId }: { readonly agentId: string; readonly itemId: string },
): Promise<boolean> {
  const conditions = new Conditions().add(
    'c.tenant_id = ? AND c.item_id = ?',
    scope.tenantId,
    itemId,
  )
  addOwner(conditions, scope.tenantId, agentId)
  const row = await connection.get(
    `SELECT 1 FROM memory_changes c WHERE ${conditions.sql} LIMIT 1`,
    ...conditions.values,
  )
  return row !== undefined
}

async function readState(
  connection: SqlConnection,
  tenantId: string,
  { subject, itemId, version }: ItemVersion,
): Promise<MemoryState | null> {
  if (subject === 'passage')
    return await readPassageState(connection, tenantId, { itemId, version })
  if (subject !== 'block') {
    const fact = await readFactVersion(connection, tenantId, { id: itemId, version })
    return fact === null ? null : { subject: fact.kind, version, fact }
  }
  const row = await connection.get(
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

async function readPassageState(
  connection: SqlConnection,
  tenantId: string,
  { itemId, version }: { readonly itemId: string; readonly version: number },
): Promise<MemoryState | null> {
  const past = await connection.get(
    `SELECT item FROM passage_versions WHERE tenant_id = ? AND passage_id = ? AND version = ?`,
    tenantId,
    itemId,
    version,
  )
  if (past !== undefined) return { subject: 'passage', version, passage: asJson(past[0]) }
  const row = await connection.get(
    `SELECT ${passageTable.list('s')} FROM passages s
     WHERE s.tenant_id = ? AND s.id = ? AND s.version = ?`,
    tenantId,
    itemId,
    version,
  )
  return row === undefined ? null : { subject: 'passage', version, passage: passageTable.read(row) }
}
