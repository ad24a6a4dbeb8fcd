import { blockTable, blockVersionTable } from '../engine/block-tables.ts'
import type { Block, ChangeCause } from '../../domain/block.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import { labelTaken } from '../engine/label-taken.ts'
import { notFound } from '../engine/not-found.ts'
import { asText, toExpression, type SqlExpression } from '../engine/sql-value.ts'
import { addSharedScope } from './scope-filter.ts'

/** Stores a new block and the first entry of its history. */
export function insertBlock(
  connection: SqlConnection,
  tenantId: string,
  input: { readonly block: Block; readonly cause: ChangeCause },
): Block {
  const block = { ...input.block, version: 1 }
  blockTable.insert(connection, tenantId, { item: block })
  insertBlockVersion(connection, tenantId, { block, cause: input.cause })
  return block
}

/** Adds the present state of a block to its history. */
export function insertBlockVersion(
  connection: SqlConnection,
  tenantId: string,
  input: { readonly block: Block; readonly cause: ChangeCause },
): void {
  const { block, cause } = input
  blockVersionTable.insert(connection, tenantId, {
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

/** A block that exists for the caller; throws `not_found`. */
export async function readBlock(
  connection: SqlConnection,
  scope: TenantScope,
  id: string,
): Promise<Block> {
  const conditions = new Conditions().add('b.tenant_id = ? AND b.id = ?', scope.tenantId, id)
  addBlockScope(conditions, scope)
  const row = await connection.get(
    `SELECT ${blockTable.list('b')} FROM blocks b WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  if (row === undefined) throw notFound('block', id)
  return blockTable.read(row)
}

/** Limits a query over `blocks b` to those that exist for the caller. */
export function addBlockScope(conditions: Conditions, scope: TenantScope): void {
  addSharedScope(conditions, scope, { alias: 'b', links: 'agent_blocks', column: 'block_id' })
}

/** The blocks of an agent in prompt order. */
export async function readAgentBlocks(
  connection: SqlConnection,
  tenantId: string,
  agentId: string | SqlExpression,
): Promise<readonly Block[]> {
  const agent = toExpression(agentId)
  return (
    await connection.all(
      `SELECT ${blockTable.list('b')} FROM agent_blocks link
       JOIN blocks b ON b.tenant_id = link.tenant_id AND b.id = link.block_id
       WHERE link.tenant_id = ? AND link.agent_id = ${agent.sql} ORDER BY link.position`,
      tenantId,
      ...agent.values,
    )
  ).map((row) => blockTable.read(row))
}

/** Throws `conflict` when an agent that has a block has another one of this label. */
export async function requireFreeLabel(
  connection: SqlConnection,
  tenantId: string,
  wish: { readonly current: Block; readonly label: string },
): Promise<void> {
  const clash = await connection.get(
    `SELECT b.id FROM agent_blocks own
     JOIN agent_blocks other ON other.tenant_id = own.tenant_id AND other.agent_id = own.agent_id
     JOIN blocks b ON b.tenant_id = other.tenant_id AND b.id = other.block_id
     WHERE own.tenant_id = ? AND own.block_id = ? AND b.label = ? AND b.id <> ? LIMIT 1`,
    tenantId,
    wish.current.id,
    wish.label,
    wish.current.id,
  )
  if (clash !== undefined) throw labelTaken(wish.label, [asText(clash[0]), wish.current.id])
}

/** Attaches a block at the end of an agent's. Throws `conflict` when the agent has another one of its label. */
export async function linkBlock(
  connection: SqlConnection,
  tenantId: string,
  link: { readonly agentId: string; readonly block: Pick<Block, 'id' | 'label'> },
): Promise<void> {
  const { agentId, block } = link
  const clash = await connection.get(
    `SELECT b.id FROM agent_blocks link
     JOIN blocks b ON b.tenant_id = link.tenant_id AND b.id = link.block_id
     WHERE link.tenant_id = ? AND link.agent_id = ? AND b.label = ?`,
    tenantId,
    agentId,
    block.label,
  )
  if (clash !== undefined) throw labelTaken(block.label, [asText(clash[0]), block.id])
  connection.post(
    `INSERT INTO agent_blocks (tenant_id, agent_id, block_id, position)
     SELECT ?, ?, ?, coalesce(max(position) + 1, 0) FROM agent_blocks
     WHERE tenant_id = ? AND agent_id = ?`,
    tenantId,
    agentId,
    block.id,
    tenantId,
    agentId,
  )
}
