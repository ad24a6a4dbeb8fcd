import type { Block } from '../../domain/block.ts'
import type { ToolCommit } from '../contract/turn-store.ts'
import { insertBlock, insertBlockVersion } from '../engine/block-changes.ts'
import { blockTable } from '../engine/block-tables.ts'
import { blockRecord, type ChangeOrigin, type ChangeRecord } from '../engine/memory-records.ts'
import { toJsonColumn } from '../engine/sql-value.ts'
import { versionConflict } from '../engine/version-conflict.ts'
import { linkBlock, requireFreeLabel } from './block-rows.ts'
import type { SqlConnection } from './sql-connection.ts'

/** Whose memory is written. */
export interface MemoryOwner {
  readonly tenantId: string
  readonly agentId: string
}

/** Changes of an agent's blocks that belong together. */
export type BlockWrites = Pick<ToolCommit, 'blockEdits' | 'newBlocks' | 'detachedBlocks' | 'at'> & {
  readonly origin: ChangeOrigin
}

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
    records.push(blockRecord({ action: 'detach', before: block, after: block }, origin))
    const removed = await connection.run(
      `DELETE FROM agent_blocks WHERE tenant_id = ? AND agent_id = ? AND block_id = ?`,
      tenantId,
      agentId,
      expected.blockId,
    )
    if (removed > 0) continue
    const versions = { expected: expected.expectedVersion, current: null }
    throw versionConflict(expected.blockId, versions)
  }
  for (const edit of writes.blockEdits) {
    const record = await editBlock(connection, tenantId, { edit, writes })
    if (record !== null) records.push(record)
  }
  for (const block of writes.newBlocks) {
    const after = insertBlock(connection, tenantId, { block, cause: origin.cause })
    await linkBlock(connection, tenantId, { agentId, block })
    records.push(blockRecord({ action: 'create', before: null, after }, origin))
  }
  return records
}

async function editBlock(
  connection: SqlConnection,
  tenantId: string,
  {
    edit,
    writes,
  }: { readonly edit: ToolCommit['blockEdits'][number]; readonly writes: BlockWrites },
): Promise<ChangeRecord | null> {
  const { blockId, expectedVersion, ...wanted } = edit
  const current = await requireBlock(connection, tenantId, { blockId, expectedVersion })
  const next = { ...current, ...wanted }
  if (Object.entries(wanted).every(([key, value]) => current[key as keyof Block] === value)) {
    return null
  }
  if (next.label !== current.label) {
    await requireFreeLabel(connection, tenantId, { current, label: next.label })
  }
  const set = {
    ...wanted,
    version: current.version + 1,
    updatedAt: writes.at,
    updatedById: writes.origin.cause.actor.id,
  }
  blockTable.update(connection, { tenantId, id: blockId }, set)
  const after = { ...next, ...set }
  insertBlockVersion(connection, tenantId, { block: after, cause: writes.origin.cause })
  return blockRecord({ action: 'edit', before: current, after }, writes.origin)
}

async function requireBlock(
  connection: SqlConnection,
  tenantId: string,
  { blockId, expectedVersion }: { readonly blockId: string; readonly expectedVersion: number },
): Promise<Block> {
  const row = await connection.get(
    `SELECT ${blockTable.list('b')} FROM blocks b WHERE b.tenant_id = ? AND b.id = ? FOR UPDATE`,
    tenantId,
    blockId,
  )
  const current = row === undefined ? null : blockTable.read(row)
  if (current?.version === expectedVersion) return current
  throw versionConflict(blockId, { expected: expectedVersion, current: current?.version ?? null })
}

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
         read_only)
     INSERT INTO block_versions (tenant_id, block_id, version, label, value, description, "limit",
       read_only, actor, reason, source_message_ids, created_at)
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
