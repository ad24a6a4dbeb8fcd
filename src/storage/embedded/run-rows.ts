import type { Run, Step, TokenUsage, Turn } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { notFound } from '../engine/not-found.ts'
import { addAgentScope } from './scope-filter.ts'
import { asJson, type SqlRow } from '../engine/sql-value.ts'
import { Table } from './table.ts'

/** The table of runs. */
export const runTable = new Table<Run>({
  name: 'runs',
  columns: {
    id: 'text',
    turnId: 'text',
    agentId: 'text',
    conversationId: 'text',
    status: 'text',
    stopReason: 'text',
    background: 'boolean',
    metadata: 'json',
    requestConfig: 'json',
    callbackUrl: 'text',
    createdAt: 'integer',
    completedAt: 'integer',
    timeToFirstTokenNs: 'integer',
    totalDurationNs: 'integer',
  },
  engineColumns: ['sequence', 'request_hash', 'delivered', 'events_kept'],
})

/** The table of turns; what tools a turn called is read from its tool calls. */
export const turnTable = new Table<Omit<Turn, 'toolHistory'>>({
  name: 'turns',
  columns: {
    id: 'text',
    agentId: 'text',
    conversationId: 'text',
    state: 'text',
    options: 'json',
    stepCount: 'integer',
    stopReason: 'text',
    createdAt: 'integer',
    updatedAt: 'integer',
  },
  engineColumns: [
    'sequence',
    'run_id',
    'scope',
    'message_ids',
    'first_sequence',
    'tail_position',
    'last_activity_at',
  ],
})

type StepRow = Omit<Step, 'usage'> & TokenUsage

/** The table of steps. */
export const stepTable = new Table<StepRow>({
  name: 'steps',
  columns: {
    id: 'text',
    runId: 'text',
    turnId: 'text',
    agentId: 'text',
    conversationId: 'text',
    number: 'integer',
    model: 'text',
    provider: 'text',
    status: 'text',
    stopReason: 'text',
    promptTokens: 'integer',
    completionTokens: 'integer',
    totalTokens: 'integer',
    cachedInputTokens: 'integer',
    cacheWriteTokens: 'integer',
    reasoningTokens: 'integer',
    contextWindow: 'integer',
    modelDurationNs: 'integer',
    error: 'json',
    createdAt: 'integer',
    completedAt: 'integer',
  },
  engineColumns: ['sequence'],
})

/** The columns of a whole turn, from `turns t`. */
export const turnColumns = `${turnTable.list('t')},
  (SELECT json_group_array(call.name ORDER BY call.step_number, call."index")
   FROM tool_calls call WHERE call.tenant_id = t.tenant_id AND call.turn_id = t.id)`

/** The turn in a row of {@link turnColumns}. */
export function toTurn(row: SqlRow, offset = 0): Turn {
  return {
    ...turnTable.read(row, offset),
    toolHistory: asJson<string[]>(row[offset + turnTable.width]),
  }
}

/** A step with its usage as columns. */
export function toStepRow(step: Step): StepRow {
  const { usage, ...row } = step
  return { ...row, ...usage }
}

/** The step in a row of {@link stepTable}. */
export function toStep(row: SqlRow): Step {
  const {
    promptTokens,
    completionTokens,
    totalTokens,
    cachedInputTokens,
    cacheWriteTokens,
    reasoningTokens,
    ...step
  } = stepTable.read(row)
  return {
    ...step,
    usage: {
      promptTokens,
      completionTokens,
      totalTokens,
      cachedInputTokens,
      cacheWriteTokens,
      reasoningTokens,
    },
  }
}

/** A run that exists for the caller; throws `not_found`. */
export function readRun(connection: Connection, scope: TenantScope, id: string): Run {
  const conditions = new Conditions().add('r.tenant_id = ? AND r.id = ?', scope.tenantId, id)
  addAgentScope(conditions, scope, 'r.agent_id')
  const row = connection.get(
    `SELECT ${runTable.list('r')} FROM runs r WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  if (row === undefined) throw notFound('run', id)
  return runTable.read(row)
}

/** A turn that exists for the caller; throws `not_found`. */
export function readTurn(connection: Connection, scope: TenantScope, id: string): Turn {
  const conditions = new Conditions().add('t.tenant_id = ? AND t.id = ?', scope.tenantId, id)
  addAgentScope(conditions, scope, 't.agent_id')
  const row = connection.get(
    `SELECT ${turnColumns} FROM turns t WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  if (row === undefined) throw notFound('turn', id)
  return toTurn(row)
}
