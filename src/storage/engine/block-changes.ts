import type { Block, BlockVersion, ChangeCause } from '../../domain/block.ts'
import type { MemoryState } from '../../domain/memory-change.ts'
import type { BlockPatch } from '../contract/block-store.ts'
import { blockTable, blockVersionTable } from './block-tables.ts'
import type { SqlExpression } from './sql-value.ts'
import type { ChangeTarget } from './table.ts'
import { versionConflict } from './version-conflict.ts'

/** Stores a new block and the first entry of its history. */
export function insertBlock(
  target: ChangeTarget,
  tenantId: string,
  input: { readonly block: Block; readonly cause: ChangeCause },
): Block {
  const block = { ...input.block, version: 1 }
  blockTable.insert(target, tenantId, { item: block })
  insertBlockVersion(target, tenantId, { block, cause: input.cause })
  return block
}

/** Whether two values of a block's field are the same. */
export function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** Adds the present state of a block to its history. */
export function insertBlockVersion(
  target: ChangeTarget,
  tenantId: string,
  input: { readonly block: Block; readonly cause: ChangeCause },
): void {
  const { block, cause } = input
  const { metadata, tags, hidden, extra } = block
  blockVersionTable.insert(target, tenantId, {
    item: {
      blockId: block.id,
      version: block.version,
      label: block.label,
      value: block.value,
      description: block.description,
      limit: block.limit,
      readOnly: block.readOnly,
      details: { metadata, tags, hidden, extra },
      actor: cause.actor,
      reason: cause.reason,
      sourceMessageIds: cause.sourceMessageIds,
      createdAt: block.updatedAt,
    },
  })
}

/** What a block was at a version. */
export function toBlockState(past: BlockVersion): MemoryState {
  const { blockId: id, version, label, value, description, limit, readOnly, details } = past
  const block = { id, label, value, description, limit, readOnly, ...details }
  return { subject: 'block', version, block }
}

/** The agents a deleted block was taken from that are there still, with the place it had among their blocks. */
export function selectFormerOwners(
  tenantId: string,
  { id, version }: { readonly id: string; readonly version: number },
): SqlExpression {
  return {
    sql: `SELECT c.agent_id, c.position FROM memory_changes c
     JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id
     WHERE c.tenant_id = ? AND c.item_id = ? AND c.action = 'delete' AND c.version = ?
     ORDER BY c.number`,
    values: [tenantId, id, version],
  }
}

/** The place a block had among an agent's when it was last taken from it. */
export function selectFormerPlace(
  tenantId: string,
  { agentId, blockId }: { readonly agentId: string; readonly blockId: string },
): SqlExpression {
  return {
    sql: `SELECT c.position FROM memory_changes c
     WHERE c.tenant_id = ? AND c.item_id = ? AND c.agent_id = ? AND c.action IN ('detach', 'delete')
     ORDER BY c.number DESC LIMIT 1`,
    values: [tenantId, blockId, agentId],
  }
}

/** A block with a label of an agent. */
export function selectLabelled(
  tenantId: string,
  wish: { readonly agentId: string; readonly label: string },
): SqlExpression {
  return {
    sql: `SELECT b.id FROM agent_blocks link
     JOIN blocks b ON b.tenant_id = link.tenant_id AND b.id = link.block_id
     WHERE link.tenant_id = ? AND link.agent_id = ? AND b.label = ?`,
    values: [tenantId, wish.agentId, wish.label],
  }
}

/** A block of this label, other than the block itself, that one of the agents with the block has. */
export function selectLabelClash(
  tenantId: string,
  wish: { readonly blockId: string; readonly label: string },
): SqlExpression {
  return {
    sql: `SELECT b.id FROM agent_blocks own
     JOIN agent_blocks other ON other.tenant_id = own.tenant_id AND other.agent_id = own.agent_id
     JOIN blocks b ON b.tenant_id = other.tenant_id AND b.id = other.block_id
     WHERE own.tenant_id = ? AND own.block_id = ? AND b.label = ? AND b.id <> ? LIMIT 1`,
    values: [tenantId, wish.blockId, wish.label, wish.blockId],
  }
}

/** Stores a link at a place that is free. */
export function placeBlockLink(
  target: ChangeTarget,
  tenantId: string,
  link: { readonly agentId: string; readonly blockId: string; readonly position: number },
): void {
  target.post(
    `INSERT INTO agent_blocks (tenant_id, agent_id, block_id, position) VALUES (?, ?, ?, ?)`,
    tenantId,
    link.agentId,
    link.blockId,
    link.position,
  )
}

/** Attaches a block at a place among an agent's, those from there on move back where it is taken; null = at the end. */
export function insertBlockLink(
  target: ChangeTarget,
  tenantId: string,
  link: { readonly agentId: string; readonly blockId: string; readonly position: number | null },
): void {
  const { agentId, blockId, position } = link
  if (position !== null) {
    target.post(
      `UPDATE agent_blocks SET position = position + 1
       WHERE tenant_id = ? AND agent_id = ? AND position >= ? AND (
         SELECT count(*) FROM agent_blocks taken
         WHERE taken.tenant_id = ? AND taken.agent_id = ? AND taken.position = ?) > 0`,
      tenantId,
      agentId,
      position,
      tenantId,
      agentId,
      position,
    )
    placeBlockLink(target, tenantId, { agentId, blockId, position })
    return
  }
  target.post(
    `INSERT INTO agent_blocks (tenant_id, agent_id, block_id, position)
     SELECT ?, ?, ?, coalesce(max(position) + 1, 0) FROM agent_blocks
     WHERE tenant_id = ? AND agent_id = ?`,
    tenantId,
    agentId,
    blockId,
    tenantId,
    agentId,
  )
}

/**
 * What a change makes of a block, or null when that is what it is. Throws `conflict` when it has another version than the
 * expected one.
 */
export function toNextVersion(
  current: Block,
  { set, expectedVersion: expected, at, cause }: BlockPatch,
): Partial<Block> | null {
  if (expected !== undefined && expected !== current.version) {
    throw versionConflict(current.id, { expected, current: current.version })
  }
  const changes = Object.entries(set).filter(
    ([key, value]) =>
      value !== undefined && !isSame(value, current[key as keyof BlockPatch['set']]),
  )
  if (changes.length === 0) return null
  return {
    ...(Object.fromEntries(changes) as BlockPatch['set']),
    version: current.version + 1,
    updatedAt: at,
    updatedById: cause.actor.id,
  }
}
