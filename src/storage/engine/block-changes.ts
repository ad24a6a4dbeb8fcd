import type { Block, ChangeCause } from '../../domain/block.ts'
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

/** Adds the present state of a block to its history. */
export function insertBlockVersion(
  target: ChangeTarget,
  tenantId: string,
  input: { readonly block: Block; readonly cause: ChangeCause },
): void {
  const { block, cause } = input
  blockVersionTable.insert(target, tenantId, {
    item: {
      blockId: block.id,
      version: block.version,
      label: block.label,
      value: block.value,
      description: block.description,
      limit: block.limit,
      readOnly: block.readOnly,
      actor: cause.actor,
      reason: cause.reason,
      sourceMessageIds: cause.sourceMessageIds,
      createdAt: block.updatedAt,
    },
  })
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

/** Attaches a block at the end of an agent's. */
export function insertBlockLink(
  target: ChangeTarget,
  tenantId: string,
  link: { readonly agentId: string; readonly blockId: string },
): void {
  const { agentId, blockId } = link
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
      value !== undefined &&
      JSON.stringify(value) !== JSON.stringify(current[key as keyof BlockPatch['set']]),
  )
  if (changes.length === 0) return null
  return {
    ...(Object.fromEntries(changes) as BlockPatch['set']),
    version: current.version + 1,
    updatedAt: at,
    updatedById: cause.actor.id,
  }
}
