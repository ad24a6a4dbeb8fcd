import type { Agent } from '../../domain/agent.ts'
import { asJson, type SqlRow } from './sql-value.ts'
import { Table } from './table.ts'

/** The fields of an agent that its own row holds. */
export type AgentRow = Omit<Agent, 'blockIds' | keyof AgentActivity>

/** What changes with every run; kept apart so that a run does not rewrite the agent's texts. */
export type AgentActivity = Pick<
  Agent,
  'lastRunCompletion' | 'lastRunDurationMs' | 'lastStopReason' | 'turnCount'
>

/** The table of agents. */
export const agentTable = new Table<AgentRow>({
  name: 'agents',
  columns: {
    id: 'text',
    name: 'text',
    agentType: 'text',
    system: 'text',
    model: 'text',
    modelSettings: 'json',
    contextWindow: 'integer',
    embedding: 'text',
    description: 'text',
    metadata: 'json',
    tags: 'json',
    toolIds: 'json',
    toolRules: 'json',
    secrets: 'json',
    memoryMode: 'text',
    consolidation: 'json',
    timezone: 'text',
    hidden: 'boolean',
    extra: 'json',
    createdAt: 'integer',
    updatedAt: 'integer',
    createdById: 'text',
    updatedById: 'text',
  },
})

/** The table of what changes with every run. */
export const agentActivityTable = new Table<
  AgentActivity & { readonly agentId: string; readonly messageCount: number }
>({
  name: 'agent_activity',
  columns: {
    agentId: 'text',
    messageCount: 'integer',
    lastRunCompletion: 'moment',
    lastRunDurationMs: 'integer',
    lastStopReason: 'text',
    turnCount: 'integer',
  },
})

/** `FROM` of a query for whole agents. */
export const agentSource = `agents a
  JOIN agent_activity v ON v.tenant_id = a.tenant_id AND v.agent_id = a.id`

/** The agent in the columns of both tables and the list of its blocks, which begin at an offset of a row. */
export function toAgent(row: SqlRow, offset = 0): Agent {
  const activity = agentActivityTable.read(row, offset + agentTable.width)
  return {
    ...agentTable.read(row, offset),
    blockIds: asJson<string[]>(row[offset + agentTable.width + agentActivityTable.width]),
    lastRunCompletion: activity.lastRunCompletion,
    lastRunDurationMs: activity.lastRunDurationMs,
    lastStopReason: activity.lastStopReason,
    turnCount: activity.turnCount,
  }
}
