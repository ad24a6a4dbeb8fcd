import type { Block, ChangeCause } from '../../domain/block.ts'
import type { ToolCommit } from '../contract/turn-store.ts'
import { blockTable } from '../engine/block-tables.ts'
import { versionConflict } from '../engine/version-conflict.ts'
import { insertBlock, insertBlockVersion, linkBlock, requireFreeLabel } from './block-rows.ts'
import type { SqlConnection } from './sql-connection.ts'

/** Whose memory is written. */
export interface MemoryOwner {
  readonly tenantId: string
  readonly agentId: string
}

/** Changes of an agent's blocks that belong together. */
export type BlockWrites = Pick<ToolCommit, 'blockEdits' | 'newBlocks' | 'detachedBlocks' | 'at'> & {
  readonly cause: ChangeCause
}

/** Whether a change touches what belongs to what, so that it has to be made under `lockStructure`. */
export function changesStructure(
  writes: Pick<BlockWrites, 'blockEdits' | 'newBlocks' | 'detachedBlocks'>,
): boolean {
  return (
    writes.newBlocks.length > 0 ||
    writes.detachedBlocks.length > 0 ||
    writes.blockEdits.some(({ label }) => label !== undefined)
  )
}

/** Detaches, changes and creates blocks, in this order. Throws `conflict` for what is not as it was expected. */
export async function writeBlocks(
  connection: SqlConnection,
  owner: MemoryOwner,
  writes: BlockWrites,
): Promise<void> {
  const { tenantId, agentId } = owner
  for (const expected of writes.detachedBlocks) {
    await requireBlock(connection, tenantId, expected)
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
  for (const edit of writes.blockEdits) await editBlock(connection, tenantId, { edit, writes })
  for (const block of writes.newBlocks) {
    insertBlock(connection, tenantId, { block, cause: writes.cause })
    await linkBlock(connection, tenantId, { agentId, block })
  }
}

async function editBlock(
  connection: SqlConnection,
  tenantId: string,
  {
    edit,
    writes,
  }: { readonly edit: ToolCommit['blockEdits'][number]; readonly writes: BlockWrites },
): Promise<void> {
  const { blockId, expectedVersion, ...wanted } = edit
  const current = await requireBlock(connection, tenantId, { blockId, expectedVersion })
  const next = { ...current, ...wanted }
  if (
    next.value === current.value &&
    next.label === current.label &&
    next.description === current.description
  ) {
    return
  }
  if (next.label !== current.label) {
    await requireFreeLabel(connection, tenantId, { current, label: next.label })
  }
  const set = {
    ...wanted,
    version: current.version + 1,
    updatedAt: writes.at,
    updatedById: writes.cause.actor.id,
  }
  blockTable.update(connection, { tenantId, id: blockId }, set)
  insertBlockVersion(connection, tenantId, { block: { ...next, ...set }, cause: writes.cause })
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
