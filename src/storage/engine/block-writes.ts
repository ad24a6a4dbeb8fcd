import type { Block } from '../../domain/block.ts'
import type { BlockEdit, ExpectedBlock, ToolCommit } from '../contract/turn-store.ts'
import { insertBlockVersion, isSame } from './block-changes.ts'
import { blockTable } from './block-tables.ts'
import { blockRecord, type ChangeOrigin, type ChangeRecord } from './memory-records.ts'
import { asInteger, type SqlExpression, type SqlRow } from './sql-value.ts'
import type { ChangeTarget } from './table.ts'
import { versionConflict } from './version-conflict.ts'

/** Whose memory is written. */
export interface MemoryOwner {
  readonly tenantId: string
  readonly agentId: string
}

/** Changes of an agent's blocks that belong together. */
export type BlockWrites = Pick<ToolCommit, 'blockEdits' | 'newBlocks' | 'detachedBlocks' | 'at'> & {
  readonly origin: ChangeOrigin
}

/** The query for a block that is about to be changed. */
export function selectBlock(tenantId: string, blockId: string): SqlExpression {
  return {
    sql: `SELECT ${blockTable.list('b')} FROM blocks b WHERE b.tenant_id = ? AND b.id = ?`,
    values: [tenantId, blockId],
  }
}

/** The block that {@link selectBlock} found. Throws `conflict` when it is gone or has another version. */
export function requireBlockVersion(
  { blockId, expectedVersion }: ExpectedBlock,
  row: SqlRow | undefined,
): Block {
  const current = row === undefined ? null : blockTable.read(row)
  if (current?.version === expectedVersion) return current
  throw versionConflict(blockId, { expected: expectedVersion, current: current?.version ?? null })
}

/** The change that takes a block from an agent, and returns the place it had. */
export function deleteBlockLink(
  { tenantId, agentId }: MemoryOwner,
  blockId: string,
): SqlExpression {
  return {
    sql: `DELETE FROM agent_blocks WHERE tenant_id = ? AND agent_id = ? AND block_id = ?
     RETURNING position`,
    values: [tenantId, agentId, blockId],
  }
}

/** The record of a block that {@link deleteBlockLink} took from its agent. Throws `conflict` when that had no such block. */
export function detachmentRecord(
  block: Block,
  { link, origin }: { readonly link: SqlRow | undefined; readonly origin: ChangeOrigin },
): ChangeRecord {
  if (link === undefined) {
    throw versionConflict(block.id, { expected: block.version, current: null })
  }
  const position = asInteger(link[0])
  return blockRecord({ action: 'detach', before: block, after: block, position }, origin)
}

/** A block before and after an edit, and the fields that change. */
export interface EditedBlock {
  readonly before: Block
  readonly after: Block
  readonly set: Partial<Block>
}

/** What an edit makes of a block, or null when that is what it is. */
export function editBlock(
  before: Block,
  edit: BlockEdit,
  { at, origin }: Pick<BlockWrites, 'at' | 'origin'>,
): EditedBlock | null {
  const { blockId: _, expectedVersion: __, ...wanted } = edit
  const fields = Object.entries(wanted)
  if (fields.every(([key, value]) => isSame(before[key as keyof Block], value))) return null
  const set: Partial<Block> = {
    ...wanted,
    version: before.version + 1,
    updatedAt: at,
    updatedById: origin.cause.actor.id,
  }
  return { before, after: { ...before, ...set }, set }
}

/** Stores an edited block and the next entry of its history; returns what has to be recorded. */
export function updateBlock(
  target: ChangeTarget,
  tenantId: string,
  { edited, origin }: { readonly edited: EditedBlock; readonly origin: ChangeOrigin },
): ChangeRecord {
  const { before, after, set } = edited
  blockTable.update(target, { tenantId, id: after.id }, set)
  insertBlockVersion(target, tenantId, { block: after, cause: origin.cause })
  return blockRecord({ action: 'edit', before, after }, origin)
}
