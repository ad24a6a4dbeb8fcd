import { replaceAgentTags } from '../engine/agent-changes.ts'
import { addAgentFilter, agentKeyset, oldestFirst } from '../engine/agent-query.ts'
import { orderBy } from '../engine/keyset.ts'
import { countAgent, isCounted, recountAgent } from '../engine/agent-counts.ts'
import {
  type AgentRow,
  agentActivityTable,
  agentSource,
  agentTable,
  toAgent,
} from '../engine/agent-tables.ts'
import type {
  AgentFilter,
  AgentPage,
  AgentStore,
  NewAgent,
  SleeptimePair,
} from '../contract/agent-store.ts'
import type { Agent } from '../../domain/agent.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { groupOf, withGroup } from '../../domain/sleeptime.ts'
import { agentColumns, readAgent, replaceAgentBlocks, requireAgent } from './agent-rows.ts'
import { insertBlock } from '../engine/block-changes.ts'
import { linkBlock, readBlock } from './block-rows.ts'
import { deleteBlockLink, detachmentRecord } from '../engine/block-writes.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { insertConversation } from './conversation-rows.ts'
import { deleteAgentData } from './delete-agent.ts'
import { blockRecord, callerCause } from '../engine/memory-records.ts'
import { hasGroup } from '../engine/has-group.ts'
import { notFound } from '../engine/not-found.ts'
import { readUpkeep, selectUpkeep, spend, updateUpkeep } from '../engine/token-budget.ts'
import { recordChanges } from './memory-changes.ts'
import type { Operations } from './operation.ts'
import { addCursors } from './paging.ts'
import { asInteger } from '../engine/sql-value.ts'

/** Operations on agents. */
export const agentOperations: Operations<keyof AgentStore> = {
  createAgent: (connection, scope, input) =>
    findInstead(connection, scope, input) ?? insertAgent(connection, scope, input),

  createSleeptimePair(connection, scope, { served, companion, group }) {
    const instead = 'agent' in served ? findInstead(connection, scope, served) : null
    if (instead !== null) return instead
    const agent = serve(connection, scope, { served, group })
    insertAgent(connection, scope, companion)
    return agent
  },

  getAgent: (connection, scope, { id }) => readAgent(connection, scope, id),

  listAgents,

  countAgents(connection, scope, { filter }) {
    if (isCounted(scope, filter)) {
      const counted = new Conditions().add('tenant_id = ?', scope.tenantId)
      if (filter.includeHidden !== true) counted.add('hidden = 0')
      const row = connection.get(
        `SELECT CAST(coalesce(sum(agents), 0) AS BIGINT) FROM agent_counts WHERE ${counted.sql}`,
        ...counted.values,
      )
      return asInteger(row?.[0])
    }
    const conditions = new Conditions()
    addAgentFilter(conditions, scope, filter)
    const row = connection.get(
      `SELECT count(*) FROM ${agentSource} WHERE ${conditions.sql}`,
      ...conditions.values,
    )
    return asInteger(row?.[0])
  },

  updateAgent(connection, scope, { id, at, updatedById, set }) {
    const { tenantId } = scope
    requireAgent(connection, scope, id)
    const { blockIds, lastRunCompletion, lastRunDurationMs, lastStopReason, ...own } = set
    const row: Partial<AgentRow> = { ...own, updatedAt: at, updatedById }
    if (set.hidden !== undefined) recountAgent(connection, tenantId, { id, hidden: set.hidden })
    agentTable.update(connection, { tenantId, id }, row)
    if (set.tags !== undefined) replaceAgentTags(connection, tenantId, { id, tags: set.tags })
    if (blockIds !== undefined) {
      requireVisibleBlocks(connection, scope, blockIds)
      replaceAgentBlocks(connection, scope, { id, blockIds })
    }
    for (const [column, value] of [
      ['last_run_completion', lastRunCompletion === null ? 0 : lastRunCompletion],
      ['last_run_duration_ms', lastRunDurationMs],
      ['last_stop_reason', lastStopReason],
    ] as const) {
      if (value === undefined) continue
      connection.run(
        `UPDATE agent_activity SET ${column} = ? WHERE tenant_id = ? AND agent_id = ?`,
        value,
        tenantId,
        id,
      )
    }
    return readAgent(connection, scope, id)
  },

  deleteAgent(connection, scope, { id }) {
    requireAgent(connection, scope, id)
    deleteAgentData(connection, scope.tenantId, id)
  },

  attachBlock(connection, scope, { agentId, blockId, at }) {
    const { tenantId } = scope
    const agent = readAgent(connection, scope, agentId)
    if (agent.blockIds.includes(blockId)) return agent
    const block = readBlock(connection, scope, blockId)
    linkBlock(connection, tenantId, { agentId, block })
    const origin = { cause: callerCause(scope, 'attach block'), agentId, at }
    recordChanges(connection, tenantId, [
      blockRecord({ action: 'attach', before: block, after: block }, origin),
    ])
    agentTable.update(connection, { tenantId, id: agentId }, { updatedAt: at })
    return readAgent(connection, scope, agentId)
  },

  detachBlock(connection, scope, { agentId, blockId, at }) {
    const { tenantId } = scope
    requireAgent(connection, scope, agentId)
    const block = readBlock(connection, scope, blockId)
    const { sql, values } = deleteBlockLink({ tenantId, agentId }, blockId)
    const link = connection.get(sql, ...values)
    if (link === undefined) throw notFound('block', blockId)
    const origin = { cause: callerCause(scope, 'detach block'), agentId, at }
    recordChanges(connection, tenantId, [detachmentRecord(block, { link, origin })])
    agentTable.update(connection, { tenantId, id: agentId }, { updatedAt: at })
    return readAgent(connection, scope, agentId)
  },

  spendTokens(connection, scope, input) {
    const whose = [scope.tenantId, input.agentId] as const
    requireAgent(connection, scope, input.agentId)
    const row = connection.get(selectUpkeep, ...whose)
    if (row === undefined) throw notFound('agent', input.agentId)
    const { next, budget } = spend(readUpkeep(row), input)
    connection.run(updateUpkeep, next.day, next.tokens, next.mark, ...whose)
    return budget
  },
}

function insertAgent(connection: Connection, scope: TenantScope, input: NewAgent): Agent {
  const { tenantId } = scope
  const { agent } = input
  const created = new Set(input.newBlocks.map((block) => block.id))
  requireVisibleBlocks(
    connection,
    scope,
    agent.blockIds.filter((id) => !created.has(id)),
  )
  agentTable.insert(connection, tenantId, { item: agent })
  agentActivityTable.insert(connection, tenantId, {
    item: {
      agentId: agent.id,
      messageCount: 0,
      lastRunCompletion: agent.lastRunCompletion,
      lastRunDurationMs: agent.lastRunDurationMs,
      lastStopReason: agent.lastStopReason,
      turnCount: agent.turnCount,
    },
  })
  replaceAgentTags(connection, tenantId, agent)
  for (const block of input.newBlocks) {
    insertBlock(connection, tenantId, { block, cause: input.cause })
  }
  replaceAgentBlocks(connection, scope, agent)
  const origin = { cause: input.cause, at: agent.createdAt }
  recordChanges(
    connection,
    tenantId,
    input.newBlocks.map((block) =>
      blockRecord({ action: 'create', before: null, after: { ...block, version: 1 } }, origin),
    ),
  )
  insertConversation(connection, tenantId, {
    conversation: input.conversation,
    messages: input.messages,
  })
  countAgent(connection, tenantId, agent.hidden)
  return readAgent(connection, { ...scope, agentIds: [agent.id] }, agent.id)
}

function listAgents(
  connection: Connection,
  scope: TenantScope,
  { filter, page }: { readonly filter: AgentFilter; readonly page: AgentPage },
): Agent[] {
  const keyset = agentKeyset(scope, page)
  const conditions = new Conditions()
  addAgentFilter(conditions, scope, filter)
  addCursors(conditions, connection, { ...keyset, after: page.after, before: page.before })
  return connection
    .all(
      `SELECT ${agentColumns} FROM ${agentSource} WHERE ${conditions.sql}
       ORDER BY ${orderBy(keyset)} LIMIT ?`,
      ...conditions.values,
      page.limit,
    )
    .map((row) => toAgent(row))
}

/** The oldest agent that makes a new one needless; null when none does. */
function findInstead(
  connection: Connection,
  scope: TenantScope,
  { unless: filter }: Pick<NewAgent, 'unless'>,
): Agent | null {
  if (filter === undefined) return null
  const [oldest] = listAgents(connection, scope, { filter, page: oldestFirst })
  return oldest ?? null
}

/** Gives an agent its group: one that is made with it, or one that is there and has none. */
function serve(
  connection: Connection,
  scope: TenantScope,
  { served, group }: Pick<SleeptimePair, 'served' | 'group'>,
): Agent {
  if ('agent' in served) {
    const agent = { ...served.agent, extra: withGroup(served.agent.extra, group) }
    return insertAgent(connection, scope, { ...served, agent })
  }
  const { id, at: updatedAt, updatedById } = served
  const agent = readAgent(connection, scope, id)
  if (groupOf(agent) !== null) throw hasGroup(id)
  const set = { extra: withGroup(agent.extra, group), updatedAt, updatedById }
  agentTable.update(connection, { tenantId: scope.tenantId, id }, set)
  return readAgent(connection, scope, id)
}

/** A caller limited to some agents may attach only blocks that exist for it. */
function requireVisibleBlocks(
  connection: Connection,
  scope: TenantScope,
  blockIds: readonly string[],
): void {
  if (scope.agentIds === undefined) return
  for (const blockId of blockIds) readBlock(connection, scope, blockId)
}
