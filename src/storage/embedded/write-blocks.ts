import type { Block } from '../../domain/block.ts'
import type { ExpectedBlock } from '../contract/turn-store.ts'
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
import { linkBlock, requireFreeLabel } from './block-rows.ts'
import type { Connection } from './connection.ts'

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
    const { sql, values } = deleteBlockLink(owner, expected.blockId)
    const link = connection.get(sql, ...values)
    records.push(detachmentRecord(block, { link, origin }))
  }
  for (const edit of writes.blockEdits) {
    const before = requireBlock(connection, tenantId, edit)
    const edited = editBlock(before, edit, writes)
    if (edited === null) continue
    const { label } = edited.after
    if (label !== before.label) {
      requireFreeLabel(connection, tenantId, { current: before, label })
    }
    records.push(updateBlock(connection, tenantId, { edited, origin }))
  }
  for (const block of writes.newBlocks) {
    const after = insertBlock(connection, tenantId, { block, cause: origin.cause })
    linkBlock(connection, tenantId, { agentId, block })
    records.push(blockRecord({ action: 'create', before: null, after }, origin))
  }
  return records
}

function requireBlock(connection: Connection, tenantId: string, expected: ExpectedBlock): Block {
  const { sql, values } = selectBlock(tenantId, expected.blockId)
  return requireBlockVersion(expected, connection.get(sql, ...values))
}
