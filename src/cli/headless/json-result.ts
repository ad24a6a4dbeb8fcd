import type { PendingCall, Usage, UserMessageResponse } from '../../../sdk/src/index.ts'

/** What a result names, as far as it is known. */
export interface ResultPlace {
  readonly agentId: string
  readonly conversationId: string
  /** The handle that answers. */
  readonly model: string
  /** Whether answers only quote what is stored. */
  readonly limited: boolean
}

/** Why there is no answer. */
export interface ResultError {
  readonly code: string
  readonly message: string
  /** The HTTP status, or null. */
  readonly status: number | null
  /** The run that failed, or null. */
  readonly runId: string | null
  /** The tool calls that somebody has to answer before there can be one. */
  readonly pendingCalls?: readonly PendingCall[]
}

/** What both kinds of result are made from. */
export interface ResultFrame {
  /** Null when the command failed before agent and conversation were known. */
  readonly place: ResultPlace | null
  /** How long the command took, in milliseconds. */
  readonly durationMs: number
}

/** The object that `--output-format json` prints, and `stream-json` prints last. */
export function toJsonResult(
  frame: ResultFrame,
  response: UserMessageResponse,
): Record<string, unknown> {
  return {
    ...toHead(frame, 'success'),
    result: response[0].text,
    num_turns: response.usage.stepCount,
    stop_reason: response.stopReason,
    run_ids: response.runId === null ? [] : [response.runId],
    usage: toWireUsage(response.usage),
  }
}

/** The same for a run that failed, or a prompt that was not accepted. */
export function toJsonError(frame: ResultFrame, error: ResultError): Record<string, unknown> {
  const { code, message, status, runId, pendingCalls } = error
  return {
    ...toHead(frame, 'error'),
    error: { code, message, status },
    ...(pendingCalls !== undefined && { pending_approval: pendingCalls.map(toWireCall) }),
    run_ids: runId === null ? [] : [runId],
  }
}

function toWireCall(call: PendingCall): Record<string, string> {
  return { tool_call_id: call.callId, name: call.name, arguments: call.arguments }
}

function toHead(
  { place, durationMs }: ResultFrame,
  subtype: 'success' | 'error',
): Record<string, unknown> {
  return {
    type: 'result',
    subtype,
    is_error: subtype === 'error',
    duration_ms: durationMs,
    ...(place === null ? {} : toPlaceFields(place)),
  }
}

/** Agent, conversation and model as every line of JSON names them. */
export function toPlaceFields(place: ResultPlace): Record<string, unknown> {
  return {
    agent_id: place.agentId,
    conversation_id: place.conversationId,
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
