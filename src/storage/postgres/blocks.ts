import { addBlockFilter, blockKeyset } from '../engine/block-query.ts'
import { orderBy } from '../engine/keyset.ts'
import { insertBlock, insertBlockVersion, toNextVersion } from '../engine/block-changes.ts'
import { blockTable, blockVersionTable } from '../engine/block-tables.ts'
import type { BlockStore } from '../contract/block-store.ts'
import type { Block } from '../../domain/block.ts'
import { requireAgent } from './agent-rows.ts'
import { readAgentBlocks, readBlock, requireFreeLabel } from './block-rows.ts'
import { Conditions } from './conditions.ts'
import { lockStructure } from './locks.ts'
import { recordChanges } from './memory-changes.ts'
import type { Operations } from './operation.ts'
import { addCursors } from './paging.ts'
import { addAgentScope } from '../engine/scope-conditions.ts'
import { blockRecord, callerCause, deletionRecords } from '../engine/memory-records.ts'
import { asText } from '../engine/sql-value.ts'

/** Operations on blocks and their history. */
export const blockOperations: Operations<keyof BlockStore> = {
  async createBlock(connection, scope, input) {
    const block = insertBlock(connection, scope.tenantId, input)
    const origin = { cause: input.cause, at: block.createdAt }
    recordChanges(connection, scope.tenantId, [
      blockRecord({ action: 'create', before: null, after: block }, origin),
    ])
    return block
  },

  getBlock: async (connection, scope, { id }) => await readBlock(connection, scope, id),

  async listAgentBlocks(connection, scope, { agentId }) {
    await requireAgent(connection, scope, agentId)
    return await readAgentBlocks(connection, scope.tenantId, agentId)
  },

  async listBlocksOfAgents(connection, scope, { agentIds }) {
    const conditions = new Conditions()
      .add('a.tenant_id = ?', scope.tenantId)
      .oneOf('a.id', agentIds)
    addAgentScope(conditions, scope, 'a.id')
    const rows = await connection.all(
      `SELECT a.id, (b.id IS NOT NULL)::int, ${blockTable.list('b')} FROM agents a
       LEFT JOIN agent_blocks link ON link.tenant_id = a.tenant_id AND link.agent_id = a.id
       LEFT JOIN blocks b ON b.tenant_id = link.tenant_id AND b.id = link.block_id
       WHERE ${conditions.sql} ORDER BY a.id, link.position`,
      ...conditions.values,
    )
    const blocks: Record<string, Block[]> = {}
    for (const row of rows) {
      const list = (blocks[asText(row[0])] ??= [])
      if (row[1] === 1) list.push(blockTable.read(row, 2))
    }
    return blocks
  },

  async listBlocks(connection, scope, { filter, page }) {
    const keyset = blockKeyset(scope, page.order)
    const conditions = new Conditions()
    addBlockFilter(conditions, scope, filter)
    await addCursors(conditions, connection, { ...keyset, after: page.after, before: page.before })
    return (
      await connection.all(
        `SELECT ${blockTable.list('b')} FROM blocks b WHERE ${conditions.sql}
         ORDER BY ${orderBy(keyset)} LIMIT ?`,
        ...conditions.values,
        page.limit,
      )
    ).map((row) => blockTable.read(row))
  },

  async updateBlock(connection, scope, input) {
    lockStructure(connection, scope.tenantId)
    const { tenantId } = scope
    connection.post(
      `SELECT 1 FROM blocks WHERE tenant_id = ? AND id = ? FOR UPDATE`,
      tenantId,
      input.id,
    )
    const current = await readBlock(connection, scope, input.id)
    const set = toNextVersion(current, input)
    if (set === null) return current
    if (set.label !== undefined) {
      await requireFreeLabel(connection, tenantId, { current, label: set.label })
    }
    blockTable.update(connection, { tenantId, id: input.id }, set)
    const block: Block = { ...current, ...set }
    insertBlockVersion(connection, tenantId, { block, cause: input.cause })
    recordChanges(connection, tenantId, [
      blockRecord({ action: 'edit', before: current, after: block }, input),
    ])
    return block
  },

  async deleteBlock(connection, scope, { id, at }) {
    lockStructure(connection, scope.tenantId)
    const { tenantId } = scope
    const before = await readBlock(connection, scope, id)
    const links = await connection.all(
      `SELECT agent_id, position FROM agent_blocks WHERE tenant_id = ? AND block_id = ?`,
      tenantId,
      id,
    )
    connection.post(`DELETE FROM agent_blocks WHERE tenant_id = ? AND block_id = ?`, tenantId, id)
    connection.post(`DELETE FROM blocks WHERE tenant_id = ? AND id = ?`, tenantId, id)
    const origin = { cause: callerCause(scope, 'delete block'), at: at ?? before.updatedAt }
    recordChanges(connection, tenantId, deletionRecords(before, { links, origin }))
  },

  async listBlockVersions(connection, scope, { id, limit, beforeVersion }) {
    await readBlock(connection, scope, id)
    return (
      await connection.all(
        `SELECT ${blockVersionTable.list('h')} FROM block_versions h
         WHERE h.tenant_id = ? AND h.block_id = ? AND h.version < ?
         ORDER BY h.version DESC LIMIT ?`,
        scope.tenantId,
        id,
        beforeVersion ?? Number.MAX_SAFE_INTEGER,
        limit,
      )
    ).map((row) => blockVersionTable.read(row))
  },
}
