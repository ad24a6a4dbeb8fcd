import { denialText, type CallAnswer } from '../../domain/approval.ts'
import type { ApprovalWait, Turn, TurnOptions } from '../../domain/run.ts'
import { AppError } from '../../errors/app-error.ts'
import type { JournaledReturn } from '../contract/turn-store.ts'

/** Places kept free after an answer: for the message with the returns, and for a tail item. */
export const placesAfterAnswer = 2

/** What a turn waits for, when that is an answer. */
export function approvalWaitOf(turn: Pick<Turn, 'state' | 'waitingFor'>): ApprovalWait | null {
  return turn.state === 'waiting' && turn.waitingFor?.kind === 'approval' ? turn.waitingFor : null
}

/**
 * Refuses answers that are not for exactly the calls that wait, each once.
 *
 * @throws AppError `approval_mismatch` (data: `expected`, `received`).
 */
export function requireSameCalls(wait: ApprovalWait, answers: readonly CallAnswer[]): void {
  const received = answers.map(({ callId }) => callId)
  const expected = new Set(wait.callIds)
  const given = new Set(received)
  const isSame = given.size === received.length && expected.symmetricDifference(given).size === 0
  if (isSame) return
  throw new AppError(
    'approval_mismatch',
    `Cannot take the answer: it is for the tool calls ${received.join(', ') || '(none)'}, and those that wait are ${wait.callIds.join(', ')}. Answer exactly those.`,
    { data: { expected: wait.callIds, received } },
  )
}

/** The error for an answer that nothing waits for, with the sentence that clients of the original match. */
export function approvalNotPending(): AppError {
  return new AppError(
    'approval_not_pending',
    'Cannot process approval response: No tool call is currently awaiting approval. Please send a regular message to interact with the agent.',
  )
}

/** The error for a message to a conversation that waits for an answer since the end of a run. */
export function pendingApproval(wait: ApprovalWait, runId: string): AppError {
  return new AppError(
    'pending_approval',
    `Cannot accept a message: the run ${runId} waits for an answer to a tool call. Approve or deny the call first, or cancel the run.`,
    { data: { run_id: runId, message_id: wait.messageId } },
  )
}

/** The return that an answer stands for; null = the call was allowed and is to run. */
export function returnOfAnswer(answer: CallAnswer): JournaledReturn | null {
  if (answer.kind === 'return') {
    const { status, text, stdout, stderr } = answer
    return { status, text, stdout, stderr }
  }
  if (answer.approve) return null
  return { status: 'error', text: denialText(answer.reason), stdout: null, stderr: null }
}

/** The options of a turn after a further request; what that leaves out stays. */
export function mergeOptions(before: TurnOptions, given: Partial<TurnOptions>): TurnOptions {
  return { ...before, ...given }
}
