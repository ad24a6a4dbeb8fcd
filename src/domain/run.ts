import type { JsonObject } from '../util/json.ts'
import type { PromptTrace } from './prompt-trace.ts'
import type { CompactionTrigger } from './summary.ts'

/** Why a run stopped (wire specification, `StopReasonType`). */
export const stopReasons = [
  'end_turn',
  'error',
  'llm_api_error',
  'invalid_llm_response',
  'invalid_tool_call',
  'max_steps',
  'max_tokens_exceeded',
  'no_tool_call',
  'tool_rule',
  'cancelled',
  'insufficient_credits',
  'requires_approval',
  'context_window_overflow_in_system_prompt',
] as const

/** One of {@link stopReasons}. */
export type StopReason = (typeof stopReasons)[number]

/** What the wire shows of a run's progress. */
export type RunStatus = 'created' | 'running' | 'completed' | 'failed' | 'cancelled'

/** Where a turn stands. `queued` and `executing` are open; `waiting` and `paused` are open and hold no process. */
export type TurnState = 'queued' | 'executing' | 'paused' | 'waiting' | 'ended'

/**
 * What an open turn waits for. It holds rows only, no process.
 * - `approval`: the calls of its last step that somebody has to allow or to answer; its run has ended with
 *   `requires_approval`, and the answer opens the turn's next run.
 * - `timer`, `signal`: the open call of its last step ends at a time, or when a signal of that name comes (by `until` at the
 *   latest, when there is one), counted from `since`; its run stays `running`.
 */
export type WaitingFor = ApprovalWait | TimedWait

/** A wait that the open call of a turn's last step asked for. */
export type TimedWait =
  | {
      readonly kind: 'timer'
      readonly callId: string
      readonly since: number
      readonly until: number
    }
  | {
      readonly kind: 'signal'
      readonly callId: string
      readonly since: number
      readonly name: string
      readonly until: number | null
    }

/** The wait for an answer to tool calls. */
export interface ApprovalWait {
  readonly kind: 'approval'
  /** The message of role `approval` that asks. */
  readonly messageId: string
  /** The calls of that message, in order. */
  readonly callIds: readonly string[]
}

/** What somebody asked of a turn that a process runs: to end, or to stop in the middle of its step and keep it open. */
export type StopRequest = 'cancel' | 'pause'

/** The run's `metadata.waiting_for` while its turn rests. */
export function describeWaiting(waiting: TimedWait | { readonly kind: 'pause' }): JsonObject {
  if (waiting.kind === 'pause') return { kind: 'pause' }
  const until = waiting.until === null ? null : new Date(waiting.until).toISOString()
  return waiting.kind === 'timer'
    ? { kind: 'timer', until }
    : { kind: 'signal', name: waiting.name, until }
}

/** The run status that a stop reason leads to. */
export function statusOfStopReason(reason: StopReason): RunStatus {
  switch (reason) {
    case 'end_turn':
    case 'max_steps':
    case 'tool_rule':
    case 'requires_approval':
      return 'completed'
    case 'cancelled':
      return 'cancelled'
    default:
      return 'failed'
  }
}

/** What a request asked for besides its messages; stored with the turn so that any process can carry it on. */
export interface TurnOptions {
  /** The most model calls before the turn ends with `max_steps`. */
  readonly maxSteps: number
  /** A handle used for this turn only. */
  readonly overrideModel: string | null
  /** A text that replaces the whole system message for this turn only. */
  readonly overrideSystem: string | null
  /** Tools the caller runs itself, as the wire carries them. */
  readonly clientTools: readonly JsonObject[]
  /** Skills shown to the model for this turn, as the wire carries them. */
  readonly clientSkills: readonly JsonObject[]
  /** The wire message types the caller wants back; null = all. */
  readonly returnMessageTypes: readonly string[] | null
  /** Whether the provider should stream tokens into the event log. */
  readonly streamTokens: boolean
}

/** One user input until the agent rests; may span several runs. */
export interface Turn {
  /** `turn-<uuid4>`. */
  readonly id: string
  readonly agentId: string
  readonly conversationId: string
  readonly state: TurnState
  readonly options: TurnOptions
  /** Model calls committed so far. */
  readonly stepCount: number
  /** Names of the tools called so far, in order; what tool rules look at. */
  readonly toolHistory: readonly string[]
  readonly stopReason: StopReason | null
  /** Present while the state is `waiting`, and for a wait until the return of its call is stored; else null. */
  readonly waitingFor: WaitingFor | null
  /** When a waiting turn goes on by itself; null = not by time. */
  readonly wakeAt: number | null
  /** What its runner was asked to do at once; null = nothing. */
  readonly stopRequest: StopRequest | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** The part of a turn that one request started. */
export interface Run {
  /** `run-<uuid4>`. */
  readonly id: string
  readonly turnId: string
  readonly agentId: string
  readonly conversationId: string
  readonly status: RunStatus
  readonly stopReason: StopReason | null
  readonly background: boolean
  /** The wire's `metadata`: `run_type`, `error`, `waiting_for`, and ours. */
  readonly metadata: JsonObject
  /** The wire's `request_config`. */
  readonly requestConfig: JsonObject
  readonly callbackUrl: string | null
  /** When the callback was last tried; null = not yet, or there is none to make. */
  readonly callbackSentAt: number | null
  /** The HTTP status it was answered with; null = there was no answer. */
  readonly callbackStatusCode: number | null
  /** Why it did not arrive; null = it did, or was not tried yet. */
  readonly callbackError: string | null
  readonly createdAt: number
  readonly completedAt: number | null
  /** From acceptance to the first token, in nanoseconds. */
  readonly timeToFirstTokenNs: number | null
  /** From acceptance to the end, in nanoseconds. */
  readonly totalDurationNs: number | null
}

/** What a model call used, in tokens. */
export interface TokenUsage {
  readonly promptTokens: number
  readonly completionTokens: number
  readonly totalTokens: number
  /** Part of the prompt the provider took from its cache; null = it does not say. */
  readonly cachedInputTokens: number | null
  /** Part of the prompt the provider wrote to its cache; null = it does not say. */
  readonly cacheWriteTokens: number | null
  /** Part of the completion that was reasoning; null = it does not say. */
  readonly reasoningTokens: number | null
}

/** One model call with its tool calls. */
export interface Step {
  /** `step-<uuid4>`. */
  readonly id: string
  readonly runId: string
  readonly turnId: string
  readonly agentId: string
  readonly conversationId: string
  /** The number of the step within its turn, from 1. */
  readonly number: number
  /** The handle that answered, after `letta/auto` was resolved. */
  readonly model: string
  readonly provider: string
  readonly status: 'pending' | 'success' | 'failed' | 'cancelled'
  readonly stopReason: StopReason | null
  readonly usage: TokenUsage
  /** The window the prompt was built for, in tokens. */
  readonly contextWindow: number
  /** How long the model call took, in nanoseconds. */
  readonly modelDurationNs: number | null
  readonly error: JsonObject | null
  readonly createdAt: number
  readonly completedAt: number | null
}

/** Where one tool call of a step stands in the journal. */
export interface ToolJournalEntry {
  readonly stepId: string
  /** The place of the call within its message, from 0. */
  readonly index: number
  readonly callId: string
  readonly name: string
  readonly arguments: string
  /**
   * `intended`: committed, not begun; it may run unless its turn waits for somebody to allow it. `answered`: its return
   * was given from outside (denied, or run by the caller) and is to be put beside the others. `started`: may have taken
   * effect. `done`: its return is stored.
   */
  readonly state: 'intended' | 'answered' | 'started' | 'done'
}

/** One numbered thing that happened in a run. Streams are views of these. */
export interface RunEvent {
  readonly runId: string
  /** From 1, without gaps. */
  readonly sequence: number
  readonly event: RunEventBody
  readonly createdAt: number
}

/** The fields every event has on its way into the log. */
export type RunEventBody =
  | {
      readonly type: 'text-delta'
      readonly messageId: string
      readonly stepId: string
      readonly text: string
    }
  | {
      readonly type: 'reasoning-delta'
      readonly messageId: string
      readonly stepId: string
      readonly text: string
      readonly signature: string | null
    }
  | {
      readonly type: 'tool-call-delta'
      readonly messageId: string
      readonly stepId: string
      /** The place of the call within its message, from 0. */
      readonly index: number
      /** Present in the first delta of a call only. */
      readonly callId: string | null
      readonly name: string | null
      readonly argumentsText: string
      /** Whether the call waits for an answer; its message is one of role `approval`. Absent = no. */
      readonly awaitsAnswer?: true
    }
  /** A message was stored; `streamed` says that deltas of it were sent before. */
  | { readonly type: 'message-stored'; readonly messageId: string; readonly streamed: boolean }
  /** A partial message is void: its model call failed and is tried again under another message id. */
  | { readonly type: 'message-dropped'; readonly messageId: string }
  /** A request was sent to the model, and what it was made of. Streams do not show it. */
  | { readonly type: 'prompt-sent'; readonly stepId: string; readonly trace: PromptTrace }
  /** The view is being compacted before the next model call; the summary follows as a stored message. */
  | {
      readonly type: 'compaction-started'
      readonly eventId: string
      readonly trigger: CompactionTrigger
      /** Estimated tokens of the request that led to it. */
      readonly tokens: number
      readonly contextWindow: number
    }
  | {
      readonly type: 'run-ended'
      readonly stopReason: StopReason
      readonly usage: RunUsage
      readonly error: RunError | null
      /** The job that hands on what was said to agents in the background, which is stored when it is its turn. Absent = none. */
      readonly handOnJobId?: string
    }

/** What a whole run used. */
export interface RunUsage extends TokenUsage {
  readonly stepCount: number
  /** Tokens the last model call left in the window (prompt and completion). */
  readonly contextTokens: number | null
}

/** Why a run failed, in the shape the wire carries as `metadata.error`. */
export interface RunError {
  readonly errorType: string
  readonly message: string
  readonly detail: string
}
