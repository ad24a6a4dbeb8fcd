import { insertBlockLink, selectLabelClash, selectLabelled } from '../engine/block-changes.ts'
import { blockTable } from '../engine/block-tables.ts'
import type { Block } from '../../domain/block.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { labelTaken } from '../engine/label-taken.ts'
import { notFound } from '../engine/not-found.ts'
import { asText } from '../engine/sql-value.ts'
import { addBlockScope } from '../engine/scope-conditions.ts'

/** A block that exists for the caller; throws `not_found`. */
export function readBlock(connection: Connection, scope: TenantScope, id: string): Block {
  const conditions = new Conditions().add('b.tenant_id = ? AND b.id = ?', scope.tenantId, id)
  addBlockScope(conditions, scope)
  const row = connection.get(
    `SELECT ${blockTable.list('b')} FROM blocks b WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  if (row === undefined) throw notFound('block', id)
  return blockTable.read(row)
}

const selectAgentBlocks = `SELECT ${blockTable.list('b')} FROM agent_blocks link
  JOIN blocks b ON b.tenant_id = link.tenant_id AND b.id = link.block_id
  WHERE link.tenant_id = ? AND link.agent_id = ? ORDER BY link.position`

/** The blocks of an agent in prompt order. */
export function readAgentBlocks(
  connection: Connection,
  tenantId: string,
  agentId: string,
): readonly Block[] {
  return connection.all(selectAgentBlocks, tenantId, agentId).map((row) => blockTable.read(row))
}

/** Throws `conflict` when an agent that has a block has another one of this label. */
export function requireFreeLabel(
  connection: Connection,
  tenantId: string,
  wish: { readonly current: Block; readonly label: string },
): void {
  const { current, label } = wish
  const { sql, values } = selectLabelClash(tenantId, { blockId: current.id, label })
  const clash = connection.get(sql, ...values)
  if (clash !== undefined) throw labelTaken(label, [asText(clash[0]), current.id])
}

/** Attaches a block at the end of an agent's, or at a place. Throws `conflict` when the agent has another one of its label. */
export function linkBlock(
  connection: Connection,
  tenantId: string,
  link: {
    readonly agentId: string
    readonly block: Pick<Block, 'id' | 'label'>
    /** Default: at the end. */
    readonly position?: number | null
  },
): void {
  const { agentId, block, position = null } = link
  const { sql, values } = selectLabelled(tenantId, { agentId, label: block.label })
  const clash = connection.get(sql, ...values)
  if (clash !== undefined) throw labelTaken(block.label, [asText(clash[0]), block.id])
  insertBlockLink(connection, tenantId, { agentId, blockId: block.id, position })
}
