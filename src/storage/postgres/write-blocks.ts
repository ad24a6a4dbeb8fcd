import type { Block } from '../../domain/block.ts'
import type { ExpectedBlock, ToolCommit } from '../contract/turn-store.ts'
import { insertBlock } from '../engine/block-changes.ts'
import {
  deleteBlockLink,
  editBlock,
  detachmentRecord,
  requireBlockVersion,
  selectBlock,
  updateBlock,
  type BlockWrites,
  type MemoryOwner,
} from '../engine/block-writes.ts'
import { blockRecord, type ChangeRecord } from '../engine/memory-records.ts'
import { toJsonColumn } from '../engine/sql-value.ts'
import { linkBlock, requireFreeLabel } from './block-rows.ts'
import type { SqlConnection } from './sql-connection.ts'

/** Whether a change touches what belongs to what, so that it has to be made under `lockStructure`. */
export function changesStructure(
  writes: Pick<BlockWrites, 'blockEdits' | 'newBlocks' | 'detachedBlocks'>,
): boolean {
  return (
    writes.newBlocks.length > 0 ||
    writes.detachedBlocks.length > 0 ||
    writes.blockEdits.some(
      ({ label, limit, readOnly }) =>
        label !== undefined || limit !== undefined || readOnly !== undefined,
    )
  )
}

/**
 * Detaches, changes and creates blocks, in this order; returns what has to be recorded.
 * Throws `conflict` for what is not as it was expected.
 */
export async function writeBlocks(
  connection: SqlConnection,
  owner: MemoryOwner,
  writes: BlockWrites,
): Promise<readonly ChangeRecord[]> {
  const { tenantId, agentId } = owner
  const { origin } = writes
  const records: ChangeRecord[] = []
  for (const expected of writes.detachedBlocks) {
    const block = await requireBlock(connection, tenantId, expected)
    const { sql, values } = deleteBlockLink(owner, expected.blockId)
    const link = await connection.get(sql, ...values)
    records.push(detachmentRecord(block, { link, origin }))
  }
  for (const edit of writes.blockEdits) {
    const before = await requireBlock(connection, tenantId, edit)
    const edited = editBlock(before, edit, writes)
    if (edited === null) continue
    const { label } = edited.after
    if (label !== before.label) {
      await requireFreeLabel(connection, tenantId, { current: before, label })
    }
    records.push(updateBlock(connection, tenantId, { edited, origin }))
  }
  for (const block of writes.newBlocks) {
    const after = insertBlock(connection, tenantId, { block, cause: origin.cause })
    await linkBlock(connection, tenantId, { agentId, block })
    records.push(blockRecord({ action: 'create', before: null, after }, origin))
  }
  return records
}

async function requireBlock(
  connection: SqlConnection,
  tenantId: string,
  expected: ExpectedBlock,
): Promise<Block> {
  const { sql, values } = selectBlock(tenantId, expected.blockId)
  return requireBlockVersion(expected, await connection.get(`${sql} FOR UPDATE`, ...values))
}

/** The `BlockDetails` of a row of blocks. */
const detailsJson = `'{"metadata":' || metadata || ',"tags":' || tags || ',"hidden":'
  || CASE hidden WHEN 1 THEN 'true' ELSE 'false' END || ',"extra":' || extra || '}'`

/** A change of a block that was sent. */
export interface PostedEdit {
  /** Throws what the transaction was refused for, when this change is the reason: `conflict`. */
  explain(): Promise<void>
}

/**
 * Sends a change of a block's value or description with its history; refused when the block has another version than
 * the expected one. Not for labels, which may be taken.
 */
export function postBlockEdit(
  connection: SqlConnection,
  tenantId: string,
  {
    edit,
    writes,
  }: {
    readonly edit: ToolCommit['blockEdits'][number]
    readonly writes: Pick<ToolCommit, 'cause' | 'at'>
  },
): PostedEdit {
  const { blockId, expectedVersion, value = null, description = null } = edit
  const { cause, at } = writes
  const found = connection.require(
    `SELECT version FROM blocks WHERE tenant_id = ? AND id = ? AND version = ? FOR UPDATE`,
    tenantId,
    blockId,
    expectedVersion,
  )
  connection.post(
    `WITH wanted AS (SELECT ?::text AS value, ?::text AS description),
     edited AS (
       UPDATE blocks SET value = coalesce(wanted.value, blocks.value),
         description = coalesce(wanted.description, blocks.description),
         version = version + 1, updated_at = ?, updated_by_id = ?
       FROM wanted WHERE tenant_id = ? AND id = ?
         AND (wanted.value <> blocks.value OR (wanted.description IS NOT NULL
           AND wanted.description IS DISTINCT FROM blocks.description))
       RETURNING tenant_id, id, version, label, blocks.value, blocks.description, "limit",
         read_only, ${detailsJson})
     INSERT INTO block_versions (tenant_id, block_id, version, label, value, description, "limit",
       read_only, details, actor, reason, source_message_ids, created_at)
     SELECT edited.*, ?, ?, ?, ? FROM edited`,
    value,
    description,
    at,
    cause.actor.id,
    tenantId,
    blockId,
    toJsonColumn(cause.actor),
    cause.reason,
    toJsonColumn(cause.sourceMessageIds),
    at,
  )
  return {
    async explain() {
      if ((await found) !== undefined) return
      await requireBlock(connection, tenantId, { blockId, expectedVersion })
    },
  }
}
