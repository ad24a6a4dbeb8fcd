import type { CallAnswer } from '../../domain/approval.ts'
import type { Message } from '../../domain/message.ts'
import type { Run, ToolJournalEntry, Turn, TurnOptions } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { AcceptResult, JournaledReturn } from './turn-store.ts'
import type { NewMessage } from './new-message.ts'

/**
 * Turns that wait for somebody to allow or to answer tool calls. Such a turn is `waiting` and holds its place at the head
 * of its conversation: nothing behind it begins. No process runs it, so these operations need no lease.
 */
export interface ApprovalStore {
  /** The requests nobody has answered, oldest first; of these conversations or this agent only, where given. */
  listPendingApprovals(
    scope: TenantScope,
    input: {
      readonly conversationIds?: readonly string[]
      readonly agentId?: string
      readonly limit: number
    },
  ): Promise<readonly PendingApproval[]>
  /**
   * Answers the request that a conversation waits for and opens the next run of its turn (`created`): stores the answer
   * with its item, writes it into the journal (a denial or a return as `answered`), and makes the turn `queued`. One place
   * is left free after the answer for the returns and one for a tail item; then come the further messages.
   *
   * An `otid` or request accepted before returns the earlier run with `duplicate: true`, as `acceptInput` does.
   * `not_found` when the conversation does not exist; `approval_not_pending` when it waits for nothing;
   * `approval_mismatch` (data: `expected`, `received`) when the answers are not for exactly the calls that wait.
   */
  answerApproval(scope: TenantScope, input: ApprovalAnswer): Promise<AcceptResult>
  /**
   * Ends a waiting turn without an answer: stores the refusal and the message with a return for every call of its step,
   * and ends the turn as `cancelled`. Its run has ended before and stays as it is.
   * `not_found` when the run does not exist; `approval_not_pending` when its turn does not wait for this request.
   */
  cancelApproval(scope: TenantScope, input: ApprovalCancel): Promise<Turn>
}

/** A request with everything that is needed to show, answer or cancel it. */
export interface PendingApproval {
  readonly turn: Turn
  /** The run that ended with the request. */
  readonly runId: string
  /** The message of role `approval` that asks. */
  readonly message: Message
  /** All calls of the step, in order; also those that wait only for the others. */
  readonly toolCalls: readonly ToolJournalEntry[]
}

/** An answer to a request. */
export interface ApprovalAnswer {
  readonly conversationId: string
  /** One for each call that waits. */
  readonly answers: readonly CallAnswer[]
  /** The message of role `approval` that holds them. */
  readonly message: NewMessage
  /** What is said after it, in order; roles user, system or assistant. */
  readonly followUps: readonly NewMessage[]
  /** The run it opens; its `turnId` is that of the waiting turn, whatever is given. */
  readonly run: Run
  /** What the request asked for; absent fields stay as they were. */
  readonly options: Partial<TurnOptions>
  readonly clientOtids: readonly string[]
  readonly requestHash: string | null
  /** As in `AcceptInput`. */
  readonly retryOf: { readonly since: number } | null
  readonly at: number
}

/** The end of a request that nobody answers any more. */
export interface ApprovalCancel {
  readonly runId: string
  /** The message that asks, so that a later request of the same turn is left alone. */
  readonly messageId: string
  /** The message of role `approval` that refuses the calls that wait. */
  readonly answer: NewMessage
  /** The message with the returns of all calls. */
  readonly toolMessage: NewMessage
  /** The returns by index, one for each call of the step. */
  readonly returns: readonly JournaledReturn[]
  readonly at: number
}
