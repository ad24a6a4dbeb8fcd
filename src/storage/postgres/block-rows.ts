import { insertBlockLink, selectLabelClash, selectLabelled } from '../engine/block-changes.ts'
import { blockTable } from '../engine/block-tables.ts'
import type { Block } from '../../domain/block.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import { labelTaken } from '../engine/label-taken.ts'
import { notFound } from '../engine/not-found.ts'
import { asText, toExpression, type SqlExpression } from '../engine/sql-value.ts'
import { addBlockScope } from '../engine/scope-conditions.ts'

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
  const { current, label } = wish
  const { sql, values } = selectLabelClash(tenantId, { blockId: current.id, label })
  const clash = await connection.get(sql, ...values)
  if (clash !== undefined) throw labelTaken(label, [asText(clash[0]), current.id])
}

/** Attaches a block at the end of an agent's, or at a place. Throws `conflict` when the agent has another one of its label. */
export async function linkBlock(
  connection: SqlConnection,
  tenantId: string,
  link: {
    readonly agentId: string
    readonly block: Pick<Block, 'id' | 'label'>
    /** Default: at the end. */
    readonly position?: number | null
  },
): Promise<void> {
  const { agentId, block, position = null } = link
  const { sql, values } = selectLabelled(tenantId, { agentId, label: block.label })
  const clash = await connection.get(sql, ...values)
  if (clash !== undefined) throw labelTaken(block.label, [asText(clash[0]), block.id])
  insertBlockLink(connection, tenantId, { agentId, blockId: block.id, position })
}
