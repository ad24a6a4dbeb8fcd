import type { JsonObject } from '../util/json.ts'
import type {
  ApprovalWait,
  Run,
  RunError,
  RunEventBody,
  RunUsage,
  StopReason,
  TokenUsage,
  Turn,
} from '../domain/run.ts'
import { statusOfStopReason } from '../domain/run.ts'
import { sleeptimeJobKind } from '../domain/sleeptime.ts'
import type { EndJob } from '../domain/consolidation.ts'
import type { ModelFailure } from '../llm/model.ts'
import type { TurnEnd } from '../storage/contract/turn-store.ts'

/** What an end is made from. */
export interface EndRequest {
  readonly work: { readonly turn: Pick<Turn, 'id'>; readonly run: Pick<Run, 'id'> }
  readonly stopReason: StopReason
  /** What the turn waits for, when only its run ends. Default: nothing. */
  readonly waitingFor?: ApprovalWait | null
  readonly usage: RunUsage
  readonly error: RunError | null
  readonly timeToFirstTokenNs: number | null
  /** Jobs to store with the end of the turn. Default: none. */
  readonly jobs?: readonly EndJob[]
  readonly at: number
}

/** The end of a turn and its run, with the one event that says so. */
export function createTurnEnd(request: EndRequest): TurnEnd {
  const { work, stopReason, error, usage } = request
  const told = error ?? brokenOff[stopReason] ?? null
  const handOn = request.jobs?.find(({ job }) => job.kind === sleeptimeJobKind)
  const ended: RunEventBody = {
    type: 'run-ended',
    stopReason,
    usage,
    error,
    ...(handOn !== undefined && { handOnJobId: handOn.job.id }),
  }
  return {
    turnId: work.turn.id,
    runId: work.run.id,
    status: statusOfStopReason(stopReason),
    stopReason,
    waitingFor: request.waitingFor ?? null,
    metadata: told === null ? {} : { error: toErrorMetadata(work.run.id, told) },
    timeToFirstTokenNs: request.timeToFirstTokenNs,
    events: [ended],
    ...(request.jobs !== undefined && { jobs: request.jobs }),
    at: request.at,
  }
}

/** What a run tells of an answer that came, but not to its end; its stream says so with the stop reason alone. */
const brokenOff: Readonly<Partial<Record<StopReason, RunError>>> = {
  max_tokens_exceeded: {
    errorType: 'max_tokens_exceeded',
    message: 'The answer was cut off at the most tokens an answer may have.',
    detail:
      'What had come by then is kept. Allow more with max_tokens, ask for a shorter answer, or try the run again.',
  },
  invalid_llm_response: {
    errorType: 'llm_content_filter',
    message: 'The content filter of the model provider broke the answer off.',
    detail: 'What had come by then is kept. Say it in other words, or try the run again.',
  },
}

/** The end of a run that is cancelled before it was begun. */
export function createCancelledEnd(run: Run, at: number): TurnEnd {
  return createTurnEnd({
    work: { turn: { id: run.turnId }, run },
    stopReason: 'cancelled',
    usage: noRunUsage,
    error: null,
    timeToFirstTokenNs: null,
    at,
  })
}

/** The usage of a run after one more step. */
export function addUsage(before: RunUsage, step: TokenUsage): RunUsage {
  const promptTokens = before.promptTokens + step.promptTokens
  const completionTokens = before.completionTokens + step.completionTokens
  return {
    promptTokens,
    completionTokens,
    totalTokens: before.totalTokens + step.totalTokens,
    cachedInputTokens: addNullable(before.cachedInputTokens, step.cachedInputTokens),
    cacheWriteTokens: addNullable(before.cacheWriteTokens, step.cacheWriteTokens),
    reasoningTokens: addNullable(before.reasoningTokens, step.reasoningTokens),
    stepCount: before.stepCount + 1,
    contextTokens: step.totalTokens > 0 ? step.totalTokens : before.contextTokens,
  }
}

/** The usage of a run without steps. */
export const noRunUsage: RunUsage = {
  promptTokens: 0,
  completionTokens: 0,
  totalTokens: 0,
  cachedInputTokens: null,
  cacheWriteTokens: null,
  reasoningTokens: null,
  stepCount: 0,
  contextTokens: null,
}

/** The stop reason and the error of the wire (specification, section 8.2) that a failed model call leads to. */
export function describeFailure(failure: ModelFailure): {
  readonly stopReason: StopReason
  readonly error: RunError
} {
  const known = failureTexts[failure.code]
  const detail = failure.message.includes(failure.detail)
    ? failure.message
    : `${failure.message} (${failure.detail})`
  return {
    stopReason: known?.stopReason ?? 'llm_api_error',
    error: {
      errorType: known?.errorType ?? 'llm_error',
      message: known?.message ?? 'An error occurred with the LLM request.',
      detail,
    },
  }
}

interface FailureText {
  readonly stopReason: StopReason
  readonly errorType: string
  readonly message: string
}

/** Sentences that clients of the original server know. */
const failureTexts: Readonly<Partial<Record<ModelFailure['code'], FailureText>>> = {
  llm_timeout: text('llm_timeout', 'The LLM request timed out. Please try again.'),
  llm_rate_limit: text(
    'llm_rate_limit',
    'Rate limit exceeded for LLM model provider. Please wait before making another request.',
  ),
  llm_authentication: text(
    'llm_authentication',
    'Authentication failed with the LLM model provider.',
  ),
  llm_empty_response: {
    stopReason: 'invalid_llm_response',
    errorType: 'llm_empty_response',
    message: 'LLM returned an empty response.',
  },
  llm_insufficient_credits: {
    stopReason: 'insufficient_credits',
    errorType: 'llm_insufficient_credits',
    message: 'An error occurred with the LLM request.',
  },
  llm_permission_denied: text('llm_permission_denied', 'An error occurred with the LLM request.'),
  llm_bad_request: text('llm_bad_request', 'An error occurred with the LLM request.'),
  llm_not_found: text('llm_not_found', 'An error occurred with the LLM request.'),
  context_window_exceeded: {
    stopReason: 'context_window_overflow_in_system_prompt',
    errorType: 'context_window_overflow_in_system_prompt',
    message: 'An error occurred with the LLM request.',
  },
}

function text(errorType: string, message: string): FailureText {
  return { stopReason: 'llm_api_error', errorType, message }
}

function toErrorMetadata(runId: string, error: RunError): JsonObject {
  return {
    message_type: 'error_message',
    run_id: runId,
    error_type: error.errorType,
    message: error.message,
    detail: error.detail,
  }
}

function addNullable(left: number | null, right: number | null): number | null {
  return left === null && right === null ? null : (left ?? 0) + (right ?? 0)
}
