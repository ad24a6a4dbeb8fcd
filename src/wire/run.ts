import { z } from 'zod'
import { optional } from './optional.ts'
import { defaultConversationId } from '../domain/identifier.ts'
import { stopReasons, type Run, type RunUsage, type Step } from '../domain/run.ts'
import type { JsonObject } from '../util/json.ts'
import { pageShape, queryFlag, queryInteger, queryList } from './query.ts'
import { encodeTime } from './time.ts'

/** What a run's status may be. */
export const runStatuses = ['created', 'running', 'completed', 'failed', 'cancelled'] as const

/** `Run`, with every field and our `metadata.turn_id`. */
export function encodeRun(run: Run): JsonObject {
  return {
    id: run.id,
    status: run.status,
    created_at: encodeTime(run.createdAt),
    completed_at: encodeTime(run.completedAt),
    agent_id: run.agentId,
    conversation_id: encodeConversationId(run),
    base_template_id: null,
    background: run.background,
    metadata: { ...run.metadata, turn_id: run.turnId },
    request_config: run.requestConfig,
    stop_reason: run.stopReason,
    callback_url: run.callbackUrl,
    callback_sent_at: encodeTime(run.callbackSentAt),
    callback_status_code: run.callbackStatusCode,
    callback_error: run.callbackError,
    ttft_ns: run.timeToFirstTokenNs,
    total_duration_ns: run.totalDurationNs,
  }
}

/** The conversation of something, null for the default one, as the wire has it. */
export function encodeConversationId(owner: {
  readonly agentId: string
  readonly conversationId: string
}): string | null {
  return owner.conversationId === defaultConversationId(owner.agentId) ? null : owner.conversationId
}

/** `UsageStatistics`: what a run used, in the shape of OpenAI. */
export function encodeRunUsage(usage: RunUsage): JsonObject {
  return {
    completion_tokens: usage.completionTokens,
    prompt_tokens: usage.promptTokens,
    total_tokens: usage.totalTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedInputTokens,
      cache_read_tokens: usage.cachedInputTokens,
      cache_creation_tokens: usage.cacheWriteTokens,
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  }
}

/** `Step`, with every field. */
export function encodeStep(step: Step): JsonObject {
  const { usage } = step
  return {
    id: step.id,
    origin: null,
    provider_id: null,
    run_id: step.runId,
    agent_id: step.agentId,
    provider_name: step.provider,
    provider_category: 'base',
    model: step.model.slice(step.model.indexOf('/') + 1),
    model_handle: step.model,
    model_endpoint: null,
    context_window_limit: step.contextWindow,
    completion_tokens: usage.completionTokens,
    prompt_tokens: usage.promptTokens,
    total_tokens: usage.totalTokens,
    cached_input_tokens: usage.cachedInputTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    reasoning_tokens: usage.reasoningTokens,
    completion_tokens_details: null,
    prompt_tokens_details: null,
    stop_reason: step.stopReason,
    tags: [],
    tid: null,
    trace_id: null,
    request_id: null,
    messages: [],
    feedback: null,
    project_id: null,
    error_type: errorTypeOf(step),
    error_data: step.error,
    status: step.status,
  }
}

function errorTypeOf(step: Step): string | null {
  const type = step.error?.['error_type'] ?? step.error?.['errorType']
  return typeof type === 'string' ? type : null
}

/** The query of `GET /v1/runs/`. */
export const runListQuery = z.lazy(() =>
  z.object({
    ...pageShape({ limit: 100 }),
    limit: queryInteger.pipe(z.number().min(1).max(1000)).default(100),
    order_by: z.enum(['created_at', 'duration']).optional(),
    agent_id: z.string().optional(),
    agent_ids: queryList.optional(),
    statuses: queryList.optional(),
    background: queryFlag.optional(),
    stop_reason: z.enum(stopReasons).optional(),
    conversation_id: z.string().optional(),
    active: queryFlag.default(false),
    ascending: queryFlag.optional(),
  }),
)

/** `RetrieveStreamRequest`: unknown fields are ignored. */
export const retrieveStreamSchema = z.lazy(() =>
  z.object({
    agent_id: optional(z.string()),
    run_id: optional(z.string()),
    otid: optional(z.string()),
    starting_after: optional(z.int().min(0)),
    include_pings: optional(z.boolean()),
    poll_interval: optional(z.number()),
    batch_size: optional(z.int()),
  }),
)

/** The query of `GET /v1/runs/{run_id}/stream`. */
export const streamQuery = z.lazy(() =>
  z.object({
    starting_after: queryInteger.pipe(z.number().min(0)).optional(),
    include_pings: queryFlag.optional(),
  }),
)

/** `CancelAgentRunRequest`: unknown fields are ignored. */
export const cancelRunsSchema = z.lazy(() => z.object({ run_ids: optional(z.array(z.string())) }))
