import type { Block } from '../../domain/block.ts'
import type { ToolCommit } from '../contract/turn-store.ts'
import { insertBlock, insertBlockVersion } from '../engine/block-changes.ts'
import { blockTable } from '../engine/block-tables.ts'
import { blockRecord, type ChangeOrigin, type ChangeRecord } from '../engine/memory-records.ts'
import { versionConflict } from '../engine/version-conflict.ts'
import { linkBlock, requireFreeLabel } from './block-rows.ts'
import type { Connection } from './connection.ts'

/** Whose memory is written. */
export interface MemoryOwner {
  readonly tenantId: string
  readonly agentId: string
}

/** Changes of an agent's blocks that belong together. */
export type BlockWrites = Pick<ToolCommit, 'blockEdits' | 'newBlocks' | 'detachedBlocks' | 'at'> & {
  readonly origin: ChangeOrigin
}

/**
 * Detaches, changes and creates blocks, in this order; returns what has to be recorded.
 * Throws `conflict` for what is not as it was expected.
 */
export function writeBlocks(
  connection: Connection,
  owner: MemoryOwner,
  writes: BlockWrites,
): readonly ChangeRecord[] {
  const { tenantId, agentId } = owner
  const { origin } = writes
  const records: ChangeRecord[] = []
  for (const expected of writes.detachedBlocks) {
    const block = requireBlock(connection, tenantId, expected)
    records.push(blockRecord({ action: 'detach', before: block, after: block }, origin))
    const removed = connection.run(
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
    const record = editBlock(connection, tenantId, { edit, writes })
    if (record !== null) records.push(record)
  }
  for (const block of writes.newBlocks) {
    const after = insertBlock(connection, tenantId, { block, cause: origin.cause })
    linkBlock(connection, tenantId, { agentId, block })
    records.push(blockRecord({ action: 'create', before: null, after }, origin))
  }
  return records
}

function editBlock(
  connection: Connection,
  tenantId: string,
  {
    edit,
    writes,
  }: { readonly edit: ToolCommit['blockEdits'][number]; readonly writes: BlockWrites },
): ChangeRecord | null {
  const { blockId, expectedVersion, ...wanted } = edit
  const current = requireBlock(connection, tenantId, { blockId, expectedVersion })
  const next = { ...current, ...wanted }
  if (Object.entries(wanted).every(([key, value]) => current[key as keyof Block] === value)) {
    return null
  }
  if (next.label !== current.label) {
    requireFreeLabel(connection, tenantId, { current, label: next.label })
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

function requireBlock(
  connection: Connection,
  tenantId: string,
  { blockId, expectedVersion }: { readonly blockId: string; readonly expectedVersion: number },
): Block {
  const row = connection.get(
    `SELECT ${blockTable.list('b')} FROM blocks b WHERE b.tenant_id = ? AND b.id = ?`,
    tenantId,
    blockId,
  )
  const current = row === undefined ? null : blockTable.read(row)
  if (current?.version === expectedVersion) return current
  throw versionConflict(blockId, { expected: expectedVersion, current: current?.version ?? null })
}
