import type { RunError, RunUsage, StopReason } from '../domain/run.ts'
import { errorCodes } from '../errors/error-codes.ts'
import type { JsonObject } from '../util/json.ts'
import type { WireError } from './error.ts'

/** `LettaStopReason`. */
export function encodeStopReason(reason: StopReason): JsonObject {
  return { message_type: 'stop_reason', stop_reason: reason }
}

/** `LettaUsageStatistics` of a run; `runIds` are the run itself and those it opened in the background. */
export function encodeUsageStatistics(usage: RunUsage, runIds: readonly string[]): JsonObject {
  return {
    message_type: 'usage_statistics',
    completion_tokens: usage.completionTokens,
    prompt_tokens: usage.promptTokens,
    total_tokens: usage.totalTokens,
    step_count: usage.stepCount,
    run_ids: [...runIds],
    cached_input_tokens: usage.cachedInputTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    reasoning_tokens: usage.reasoningTokens,
    context_tokens: usage.contextTokens,
  }
}

/** `LettaErrorMessage`: why a run failed. */
export function encodeRunError(error: RunError, runId: string): JsonObject {
  return {
    message_type: 'error_message',
    run_id: runId,
    error_type: error.errorType,
    message: error.message,
    detail: error.detail,
  }
}

/** Failures of the prompt rather than of the provider. */
const promptErrors = new Set([
  'context_window_overflow_in_system_prompt',
  'context_window_exceeded',
])

/** The answer to a request that does not stream when its run failed after it was accepted: never to be sent again. */
export function encodeFailedRun(error: RunError, runId: string): WireError {
  const { errorType: type, message, detail } = error
  return {
    status: statusOf(type),
    body: { error: { type, message, detail }, detail: message, run_id: runId },
    headers: { 'x-should-retry': 'false' },
  }
}

function statusOf(errorType: string): number {
  if (promptErrors.has(errorType)) return 400
  const entry = Object.entries(errorCodes).find(([code]) => code === errorType)
  return entry?.[1].status ?? 500
}
