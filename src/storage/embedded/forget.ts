import { insertJob } from '../engine/job-changes.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { ForgetOwners, ForgetStore, ForgetWrite } from '../contract/forget-store.ts'
import { selectSigns, toMark } from '../engine/forget-mark.ts'
import {
  deleteRow,
  forgetOutdated,
  forgetReceiptTable,
  forgetWhileRunning,
  ownersToFind,
  receiptOrder,
  selectTexts,
  toTextRow,
  union,
  updateTexts,
} from '../engine/forget-rows.ts'
import {
  postAll,
  isBesideTurns,
  rebuildPrompts,
  removalStatements,
  selectArchives,
  selectBlocks,
  selectHolders,
  selectOpenTurn,
  selectRunning,
  selectSharers,
} from '../engine/forget-statements.ts'
import { callerCause } from '../engine/memory-records.ts'
import { notFound } from '../engine/not-found.ts'
import { asText, type SqlExpression, type SqlRow } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import { readArchive, removePassage } from './archive-rows.ts'
import { readBlock } from './block-rows.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { deleteAgentData } from './delete-agent.ts'
import { deleteConversationData } from './delete-conversation.ts'
import { recordChanges } from './memory-changes.ts'
import type { Operations } from './operation.ts'
import { addCursors } from './paging.ts'
import { orderBy } from '../engine/keyset.ts'
import { seesAgent } from '../engine/agent-scope.ts'
import { replaceDocument } from './search-index.ts'
import { removeDocuments } from './search-removal.ts'
import { removeVectors } from './vector-rows.ts'
import { writeBlocks } from './write-blocks.ts'

/** Operations that remove for good. */
export const forgetOperations: Operations<keyof ForgetStore> = {
  findForgetOwners(connection, scope, owners) {
    const { tenantId } = scope
    for (const id of owners.agentIds) requireAgent(connection, scope, id)
    for (const id of owners.archiveIds) readArchive(connection, scope, id)
    for (const id of owners.blockIds) readBlock(connection, scope, id)
    const holders = column(connection, selectHolders(tenantId, owners))
    const agentIds = union(
      owners.agentIds,
      holders.filter((id) => seesAgent(scope, id)),
    )
    const withPast = scope.agentIds === undefined
    return {
      agentIds,
      archiveIds: union(owners.archiveIds, column(connection, selectArchives(tenantId, agentIds))),
      blockIds: union(
        owners.blockIds,
        column(connection, selectBlocks(tenantId, { agentIds, withPast })),
      ),
    }
  },

  findForgetSharers(connection, scope, owners) {
    requireOwners(connection, scope, owners)
    const all = column(connection, selectSharers(scope.tenantId, owners))
    const agentIds = all.filter((id) => seesAgent(scope, id))
    return { agentIds, unseen: all.length - agentIds.length }
  },

  readForgetMark(connection, scope, owners) {
    requireOwners(connection, scope, owners)
    return readMark(connection, scope, owners)
  },

  listStoredTexts(connection, scope, query) {
    requireOwners(connection, scope, query.owners)
    return all(connection, selectTexts(scope, query)).map((row) => toTextRow(query.table, row))
  },

  applyForget(connection, scope, write) {
    requireOwners(connection, scope, write.owners)
    requireUntouched(connection, scope, write)
    if (!isBesideTurns(write)) postAll(connection, rebuildPrompts(scope.tenantId, write))
    editTexts(connection, scope, write)
    const { removals } = write
    removePassages(connection, scope, removals.passageIds)
    removeDocuments(connection, scope.tenantId, removals.messageIds)
    removeVectors(connection, scope.tenantId, removals.messageIds)
    postAll(connection, removalStatements(scope.tenantId, write))
    for (const id of removals.conversationIds) {
      deleteConversationData(connection, scope.tenantId, id)
    }
    storeReceipt(connection, scope, write)
    for (const id of removals.agentIds) deleteAgentData(connection, scope.tenantId, id)
    return write.receipt
  },

  listForgets(connection, scope, { limit, before }) {
    const conditions = receiptConditions(scope)
    addCursors(conditions, connection, { ...receiptOrder(scope), after: before })
    return connection
      .all(
        `SELECT ${forgetReceiptTable.list('f')} FROM forget_receipts f WHERE ${conditions.sql}
         ORDER BY ${orderBy(receiptOrder(scope))} LIMIT ?`,
        ...conditions.values,
        limit,
      )
      .map((row) => forgetReceiptTable.read(row))
  },

  getForget: (connection, scope, { id }) => readReceipt(connection, scope, id),

  finishForget(connection, scope, { id, residue, cleaning, outside, at }) {
    const receipt = readReceipt(connection, scope, id)
    if (receipt.state === 'done') return receipt
    const set = { state: 'done', residue, cleaning, outside, completedAt: at } as const
    forgetReceiptTable.update(connection, { tenantId: scope.tenantId, id }, set)
    return { ...receipt, ...set }
  },
}

function readReceipt(
  connection: Connection,
  scope: TenantScope,
  id: string,
): ReturnType<typeof forgetReceiptTable.read> {
  const conditions = receiptConditions(scope).add('f.id = ?', id)
  const row = connection.get(
    `SELECT ${forgetReceiptTable.list('f')} FROM forget_receipts f WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  if (row === undefined) throw notFound('forgetting', id)
  return forgetReceiptTable.read(row)
}

/** Stores the receipt of a forgetting with its job; of one that goes on, only the counts. */
function storeReceipt(
  connection: Connection,
  scope: TenantScope,
  { receipt, job }: Pick<ForgetWrite, 'receipt' | 'job'>,
): void {
  const { tenantId } = scope
  if (job === null) {
    readReceipt(connection, scope, receipt.id)
    forgetReceiptTable.update(connection, { tenantId, id: receipt.id }, { counts: receipt.counts })
    return
  }
  forgetReceiptTable.insert(connection, tenantId, { item: receipt })
  insertJob(connection, tenantId, job)
}

function receiptConditions(scope: TenantScope): Conditions {
  return new Conditions().add('f.tenant_id = ?', scope.tenantId).oneOf('f.agent_id', scope.agentIds)
}

const finders = { agent: requireAgent, archive: readArchive, block: readBlock } as const

/** Throws `not_found` unless all of them exist for the caller. */
function requireOwners(connection: Connection, scope: TenantScope, owners: ForgetOwners): void {
  for (const { kind, id } of ownersToFind(scope, owners)) finders[kind](connection, scope, id)
}

function requireUntouched(connection: Connection, scope: TenantScope, write: ForgetWrite): void {
  const now = { sql: '?', values: [write.at] }
  const running = isBesideTurns(write)
    ? undefined
    : all(connection, selectRunning(scope.tenantId, { write, now }))[0]
  if (running !== undefined) throw forgetWhileRunning(running, (id) => seesAgent(scope, id))
  if (write.mark !== null && readMark(connection, scope, write.owners) !== write.mark) {
    throw forgetOutdated()
  }
  const open = all(connection, selectOpenTurn(scope.tenantId, write.removals.turnIds))[0]
  if (open !== undefined) throw forgetOutdated()
}

function editTexts(connection: Connection, scope: TenantScope, write: ForgetWrite): void {
  const { tenantId } = scope
  for (const edit of write.edits) {
    if (run(connection, updateTexts(scope, write.owners, edit)) !== 1) throw forgetOutdated()
  }
  for (const row of write.removals.rows) {
    if (run(connection, deleteRow(scope, write.owners, row)) !== 1) throw forgetOutdated()
  }
  for (const { itemId, entry } of write.entries) {
    if (entry === null) removeDocuments(connection, tenantId, [itemId])
    else replaceDocument(connection, tenantId, { itemId, entry })
  }
  removeVectors(
    connection,
    tenantId,
    write.entries.map(({ itemId }) => itemId),
  )
  const origin = { cause: callerCause(scope, 'forget'), at: write.at }
  const records = writeBlocks(
    connection,
    { tenantId, agentId: '' },
    { blockEdits: write.blocks, newBlocks: [], detachedBlocks: [], at: write.at, origin },
  )
  recordChanges(connection, tenantId, records)
}

function removePassages(connection: Connection, scope: TenantScope, ids: readonly string[]): void {
  for (const id of ids) {
    const row = connection.get(
      `SELECT archive_id FROM passages WHERE tenant_id = ? AND id = ?`,
      scope.tenantId,
      id,
    )
    if (row === undefined) continue
    removePassage(connection, scope.tenantId, { id, archiveId: asText(row[0]) })
  }
}

function readMark(connection: Connection, scope: TenantScope, owners: ForgetOwners): string {
  return toMark(selectSigns(scope, owners).map((statement) => all(connection, statement)))
}

function all(connection: Connection, { sql, values }: SqlExpression): readonly SqlRow[] {
  return connection.all(sql, ...values)
}

function column(connection: Connection, statement: SqlExpression): readonly string[] {
  return all(connection, statement).map(([value]) => asText(value))
}

function run(connection: Connection, { sql, values }: SqlExpression): number {
  return connection.run(sql, ...values)
}
