import { insertJob } from '../engine/job-changes.ts'
import type { ForgetReceipt } from '../../domain/forget.ts'
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
  selectConversations,
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
import { deleteAgentData } from './delete-agent.ts'
import { deleteConversationData } from './delete-conversation.ts'
import { lockConversations, lockStructure } from './locks.ts'
import { recordChanges } from './memory-changes.ts'
import type { Operations } from './operation.ts'
import { addCursors } from './paging.ts'
import { orderBy } from '../engine/keyset.ts'
import { seesAgent } from '../engine/agent-scope.ts'
import { removeDocuments, replaceDocument } from './search-index.ts'
import type { SqlConnection } from './sql-connection.ts'
import { removeVectors } from './vector-rows.ts'
import { writeBlocks } from './write-blocks.ts'

/** Operations that remove for good. */
export const forgetOperations: Operations<keyof ForgetStore> = {
  async findForgetOwners(connection, scope, owners) {
    const { tenantId } = scope
    for (const id of owners.agentIds) await requireAgent(connection, scope, id)
    for (const id of owners.archiveIds) await readArchive(connection, scope, id)
    for (const id of owners.blockIds) await readBlock(connection, scope, id)
    const holders = await column(connection, selectHolders(tenantId, owners))
    const agentIds = union(
      owners.agentIds,
      holders.filter((id) => seesAgent(scope, id)),
    )
    const withPast = scope.agentIds === undefined
    return {
      agentIds,
      archiveIds: union(
        owners.archiveIds,
        await column(connection, selectArchives(tenantId, agentIds)),
      ),
      blockIds: union(
        owners.blockIds,
        await column(connection, selectBlocks(tenantId, { agentIds, withPast })),
      ),
    }
  },

  async findForgetSharers(connection, scope, owners) {
    await requireOwners(connection, scope, owners)
    const all = await column(connection, selectSharers(scope.tenantId, owners))
    const agentIds = all.filter((id) => seesAgent(scope, id))
    return { agentIds, unseen: all.length - agentIds.length }
  },

  async readForgetMark(connection, scope, owners) {
    await requireOwners(connection, scope, owners)
    return await readMark(connection, scope, owners)
  },

  async listStoredTexts(connection, scope, query) {
    await requireOwners(connection, scope, query.owners)
    const rows = await all(connection, selectTexts(scope, query))
    return rows.map((row) => toTextRow(query.table, row))
  },

  async applyForget(connection, scope, write) {
    lockStructure(connection, scope.tenantId)
    await requireOwners(connection, scope, write.owners)
    await requireUntouched(connection, scope, write)
    if (!isBesideTurns(write)) postAll(connection, rebuildPrompts(scope.tenantId, write))
    await editTexts(connection, scope, write)
    const { removals } = write
    await removePassages(connection, scope, removals.passageIds)
    removeDocuments(connection, { tenantId: scope.tenantId, itemIds: removals.messageIds })
    removeVectors(connection, { tenantId: scope.tenantId, itemIds: removals.messageIds })
    postAll(connection, removalStatements(scope.tenantId, write))
    for (const id of removals.conversationIds) {
      await deleteConversationData(connection, scope.tenantId, id)
    }
    await storeReceipt(connection, scope, write)
    for (const id of removals.agentIds) await deleteAgentData(connection, scope.tenantId, id)
    return write.receipt
  },

  async listForgets(connection, scope, { limit, before }) {
    const conditions = receiptConditions(scope)
    await addCursors(conditions, connection, { ...receiptOrder(scope), after: before })
    const rows = await connection.all(
      `SELECT ${forgetReceiptTable.list('f')} FROM forget_receipts f WHERE ${conditions.sql}
       ORDER BY ${orderBy(receiptOrder(scope))} LIMIT ?`,
      ...conditions.values,
      limit,
    )
    return rows.map((row) => forgetReceiptTable.read(row))
  },

  getForget: async (connection, scope, { id }) => await readReceipt(connection, scope, id),

  async finishForget(connection, scope, { id, residue, cleaning, outside, at }) {
    const receipt = await readReceipt(connection, scope, id)
    if (receipt.state === 'done') return receipt
    const set = { state: 'done', residue, cleaning, outside, completedAt: at } as const
    forgetReceiptTable.update(connection, { tenantId: scope.tenantId, id }, set)
    return { ...receipt, ...set }
  },
}

async function readReceipt(
  connection: SqlConnection,
  scope: TenantScope,
  id: string,
): Promise<ForgetReceipt> {
  const conditions = receiptConditions(scope).add('f.id = ?', id)
  const row = await connection.get(
    `SELECT ${forgetReceiptTable.list('f')} FROM forget_receipts f WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  if (row === undefined) throw notFound('forgetting', id)
  return forgetReceiptTable.read(row)
}

/** Stores the receipt of a forgetting with its job; of one that goes on, only the counts. */
async function storeReceipt(
  connection: SqlConnection,
  scope: TenantScope,
  { receipt, job }: Pick<ForgetWrite, 'receipt' | 'job'>,
): Promise<void> {
  const { tenantId } = scope
  if (job === null) {
    await readReceipt(connection, scope, receipt.id)
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
async function requireOwners(
  connection: SqlConnection,
  scope: TenantScope,
  owners: ForgetOwners,
): Promise<void> {
  for (const { kind, id } of ownersToFind(scope, owners)) await finders[kind](connection, scope, id)
}

async function requireQuiet(
  connection: SqlConnection,
  scope: TenantScope,
  write: ForgetWrite,
): Promise<void> {
  const own = await column(connection, selectConversations(scope.tenantId, write))
  lockConversations(connection, scope.tenantId, own)
  const now = connection.leaseClock.now(write.at)
  const running = (await all(connection, selectRunning(scope.tenantId, { write, now })))[0]
  if (running !== undefined) throw forgetWhileRunning(running, (id) => seesAgent(scope, id))
}

async function requireUntouched(
  connection: SqlConnection,
  scope: TenantScope,
  write: ForgetWrite,
): Promise<void> {
  if (!isBesideTurns(write)) await requireQuiet(connection, scope, write)
  if (write.mark !== null && (await readMark(connection, scope, write.owners)) !== write.mark) {
    throw forgetOutdated()
  }
  const open = (await all(connection, selectOpenTurn(scope.tenantId, write.removals.turnIds)))[0]
  if (open !== undefined) throw forgetOutdated()
}

async function editTexts(
  connection: SqlConnection,
  scope: TenantScope,
  write: ForgetWrite,
): Promise<void> {
  const { tenantId } = scope
  for (const edit of write.edits) {
    if ((await run(connection, updateTexts(scope, write.owners, edit))) !== 1)
      throw forgetOutdated()
  }
  for (const row of write.removals.rows) {
    if ((await run(connection, deleteRow(scope, write.owners, row))) !== 1) throw forgetOutdated()
  }
  for (const { itemId, entry } of write.entries) {
    if (entry === null) removeDocuments(connection, { tenantId, itemIds: [itemId] })
    else await replaceDocument(connection, tenantId, { itemId, entry })
  }
  removeVectors(connection, { tenantId, itemIds: write.entries.map(({ itemId }) => itemId) })
  const origin = { cause: callerCause(scope, 'forget'), at: write.at }
  const records = await writeBlocks(
    connection,
    { tenantId, agentId: '' },
    { blockEdits: write.blocks, newBlocks: [], detachedBlocks: [], at: write.at, origin },
  )
  recordChanges(connection, tenantId, records)
}

async function removePassages(
  connection: SqlConnection,
  scope: TenantScope,
  ids: readonly string[],
): Promise<void> {
  for (const id of ids) {
    const row = await connection.get(
      `SELECT archive_id FROM passages WHERE tenant_id = ? AND id = ?`,
      scope.tenantId,
      id,
    )
    if (row === undefined) continue
    removePassage(connection, scope.tenantId, { id, archiveId: asText(row[0]) })
  }
}

async function readMark(
  connection: SqlConnection,
  scope: TenantScope,
  owners: ForgetOwners,
): Promise<string> {
  const answers = selectSigns(scope, owners).map((statement) => all(connection, statement))
  return toMark(await Promise.all(answers))
}

async function all(
  connection: SqlConnection,
  { sql, values }: SqlExpression,
): Promise<readonly SqlRow[]> {
  return await connection.all(sql, ...values)
}

async function column(
  connection: SqlConnection,
  statement: SqlExpression,
): Promise<readonly string[]> {
  return (await all(connection, statement)).map(([value]) => asText(value))
}

async function run(connection: SqlConnection, { sql, values }: SqlExpression): Promise<number> {
  return await connection.run(sql, ...values)
}
