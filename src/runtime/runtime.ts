import type { CompactOutcome, CompactRequest } from './compact-conversation.ts'
import type { CallAnswer } from '../domain/approval.ts'
import type { Conversation } from '../domain/conversation.ts'
import type { Message, MessageRole } from '../domain/message.ts'
import type { ContentPart } from '../domain/message.ts'
import type { Run, RunEvent, Turn, TurnOptions } from '../domain/run.ts'
import type { TenantScope } from '../domain/scope.ts'
import type { PauseOutcome, SignalOutcome } from '../storage/contract/waiting-store.ts'
import type { Json, JsonObject } from '../util/json.ts'
import type { Urgency } from './turn-slots.ts'

/**
 * Runs turns: the only thing that changes a run.
 *
 * A submitted input is stored before {@link Runtime.submit} resolves and is carried on by this process, or by another
 * one after a crash, whether or not anybody follows it. Every run ends with exactly one `run-ended` event.
 */
export interface Runtime {
  /**
   * Stores an input and begins (or queues) its turn.
   *
   * Rejects with `AppError`, and then nothing was stored: `not_found` (agent or conversation), `model_not_found`,
   * `model_ambiguous`, `model_key_missing`, `context_window_exceeded` (data: `tokens`, `limit`), `conversation_busy`,
   * `otid_reused` (data: `otids`, `run_id`) when an otid came with other words before, or a storage code.
   */
  submit(scope: TenantScope, request: SubmitRequest): Promise<Submission>
  /**
   * Answers the tool calls that a conversation waits for and opens the next run of their turn. The same answer again
   * returns the run it opened, with `duplicate: true`.
   *
   * Rejects as {@link Runtime.submit} does, and with `approval_not_pending`, `approval_mismatch` or, where the calls were
   * answered before with something else, `approval_answered`; then nothing was stored.
   */
  answer(scope: TenantScope, request: AnswerRequest): Promise<Submission>
  /**
   * The events of a run after a number, stored ones first, then live ones as they are committed, ending after
   * `run-ended`. May be called by any number of readers, during and after the run, in any process on the database.
   * Throws `not_found` for an unknown run and `signal.reason` when the signal aborts; leaving the loop ends the watching.
   */
  follow(scope: TenantScope, request: FollowRequest): AsyncIterable<RunFrame>
  /**
   * Carries on an ended run's turn under a new run, from its last committed step, without a new message: one that failed
   * or was cancelled, or one that was answered only by quoting because no model was connected.
   * `not_found`; `conflict` when the turn is open, was answered by a model, or newer input followed it.
   */
  retry(scope: TenantScope, request: { readonly runId: string }): Promise<Submission>
  /**
   * Ends a run, whichever process runs it and whether or not it was begun: what it has said so far is kept and marked, its
   * open tool calls get returns that say so. Of a run that has ended with a question the turn is ended, and the question
   * with it. Resolves with the run when it has ended, or as it is when that takes more than some seconds: the wish is
   * stored by then. `not_found` when there is no such run.
   */
  cancel(scope: TenantScope, request: { readonly runId: string }): Promise<Run>
  /**
   * Pauses a conversation: its turn rests at the end of its step (`now`: the model call is broken off and made again
   * later), and nothing is begun in it. Resolves when that is stored. Idempotent. `not_found`.
   */
  pause(scope: TenantScope, request: PauseRequest): Promise<PauseOutcome>
  /** Ends a pause, and goes on in the same run. Idempotent. `not_found` when there is no such conversation. */
  resume(scope: TenantScope, request: { readonly conversationId: string }): Promise<Conversation>
  /** Sends a signal to the turns of a conversation, see `WaitingStore.sendSignal`. `not_found`. */
  signal(scope: TenantScope, request: SignalRequest): Promise<SignalOutcome>
  /**
   * Compacts a conversation now, after the turn that runs in it, if one does. Messages are not touched.
   * `not_found`, `conversation_busy` when another process runs a turn there, and the codes of unknown models.
   */
  compact(scope: TenantScope, request: CompactRequest): Promise<CompactOutcome>
  /**
   * Finishes what an earlier process left open in one conversation, if nobody else is doing so; resolves when nothing
   * is open there (any more). Resolves with the number of turns it carried on.
   */
  recover(scope: TenantScope, request: { readonly conversationId: string }): Promise<number>
  /**
   * Notes that the client has the whole response of a run, so that the same request later is a new one. It is written down
   * soon, and at the latest before a repeated request is looked at here or the runtime has stopped.
   */
  delivered(scope: TenantScope, request: { readonly runId: string }): void
  /** Begins to carry on open turns of all conversations (the claim loop of a server). Idempotent. */
  start(): void
  /** Stops claiming, waits for running steps up to `deadlineMs`, then aborts them; what is left is resumed later. */
  stop(options?: { readonly deadlineMs?: number }): Promise<void>
}

/** Which conversation to pause. */
export interface PauseRequest {
  readonly conversationId: string
  /** Whether the model call under way is broken off. */
  readonly now: boolean
}

/** A signal on its way. */
export interface SignalRequest {
  readonly conversationId: string
  readonly name: string
  readonly payload: Json
  /** What makes a repeat known; null = this one is new. */
  readonly id: string | null
}

/** One message of an input, before it has an identity. */
export interface MessageInput {
  readonly role: Extract<MessageRole, 'user' | 'system' | 'assistant'>
  readonly content: readonly ContentPart[]
  readonly name: string | null
  /** The client's idempotency key, or null. */
  readonly otid: string | null
  readonly senderId: string | null
  readonly groupId: string | null
}

/** An input for a conversation. */
export interface SubmitRequest {
  readonly conversationId: string
  /** At least one. */
  readonly messages: readonly MessageInput[]
  readonly options: Partial<TurnOptions>
  /** The wire's `metadata.run_type`, such as `send_message`. */
  readonly runType: string
  readonly background: boolean
  readonly callbackUrl: string | null
  /** The wire's `request_config`. */
  readonly requestConfig: JsonObject
  /** A hash over route, key and body; null = none. */
  readonly requestHash: string | null
  /** Whether the client says that this repeats a request that failed on its way (`X-Stainless-Retry-Count` of at least 1). */
  readonly isRetry: boolean
  /** Refuse with `conversation_busy` when a turn is open, instead of queueing. */
  readonly rejectBusy: boolean
  /** The identifier of the run. Default: a new one. */
  readonly runId?: string
  /** Why it comes now, which decides what begins first where places are scarce. Default: `asked`. */
  readonly urgency?: Exclude<Urgency, 'offered'>
}

/** An answer to the tool calls a conversation waits for. */
export interface AnswerRequest extends Omit<SubmitRequest, 'messages' | 'rejectBusy'> {
  /** One for each call that waits. A single call may also be named by the message that asks. */
  readonly answers: readonly CallAnswer[]
  /** The client's idempotency key of the answer itself, or null. */
  readonly otid: string | null
  readonly groupId: string | null
  /** What is said after the answer, in order. */
  readonly followUps: readonly MessageInput[]
}

/** An accepted input. */
export interface Submission {
  readonly run: Run
  readonly turn: Turn
  /** Whether the input had been accepted before and the run is that earlier one. */
  readonly duplicate: boolean
}

/** Which events to follow. */
export interface FollowRequest {
  readonly runId: string
  /** Only events with a greater number. Default: 0. */
  readonly after?: number
  readonly signal?: AbortSignal
}

/** An event with the message it is about. */
export interface RunFrame {
  readonly event: RunEvent
  /** Present for `message-stored` only. */
  readonly message: Message | null
}
