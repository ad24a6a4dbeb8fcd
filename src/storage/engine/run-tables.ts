import type { Run, Step, TokenUsage, Turn } from '../../domain/run.ts'
import type { SqlRow } from './sql-value.ts'
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
    callbackSentAt: 'integer',
    callbackStatusCode: 'integer',
    callbackError: 'text',
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
    waitingFor: 'json',
    wakeAt: 'integer',
    stopRequest: 'text',
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
