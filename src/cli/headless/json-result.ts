import type { LettaError, Usage, UserMessageResponse } from '../../../sdk/src/index.ts'

/** What every result names. */
export interface ResultPlace {
  readonly agentId: string
  readonly conversationId: string
  /** How long the command waited, in milliseconds. */
  readonly durationMs: number
  /** The handle that answers. */
  readonly model: string
  /** Whether answers only quote what is stored. */
  readonly limited: boolean
}

/** The object that `--output-format json` prints, and `stream-json` prints last. */
export function toJsonResult(
  place: ResultPlace,
  response: UserMessageResponse,
): Record<string, unknown> {
  return {
    ...describePlace(place, 'success'),
    result: response[0].text,
    num_turns: response.usage.stepCount,
    stop_reason: response.stopReason,
    run_ids: response.runId === null ? [] : [response.runId],
    usage: toWireUsage(response.usage),
  }
}

/** The same for a run that failed, or a message that was not accepted. */
export function toJsonError(place: ResultPlace, error: LettaError): Record<string, unknown> {
  return {
    ...describePlace(place, 'error'),
    error: { code: error.code, message: error.message, status: error.status },
    run_ids: error.runId === null ? [] : [error.runId],
  }
}

function describePlace(place: ResultPlace, subtype: 'success' | 'error'): Record<string, unknown> {
  return {
    type: 'result',
    subtype,
    is_error: subtype === 'error',
    agent_id: place.agentId,
    conversation_id: place.conversationId,
    duration_ms: place.durationMs,
    model: place.model,
    ...(place.limited ? { limited: true } : {}),
  }
}

function toWireUsage(usage: Usage): Record<string, number | null> {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.totalTokens,
    step_count: usage.stepCount,
    cached_input_tokens: usage.cachedInputTokens,
    reasoning_tokens: usage.reasoningTokens,
  }
}
