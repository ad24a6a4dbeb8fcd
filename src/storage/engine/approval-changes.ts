import type { CallAnswer } from '../../domain/approval.ts'
import type { Turn } from '../../domain/run.ts'
import type { ApprovalAnswer, ApprovalCancel } from '../contract/approval-store.ts'
import { mergeOptions, returnOfAnswer } from './approvals.ts'
import { turnTable } from './run-tables.ts'
import { toJsonColumn, type SqlExpression } from './sql-value.ts'
import type { ChangeTarget } from './table.ts'

/** The step that made the calls of a message. */
function stepOf(tenantId: string, messageId: string): SqlExpression {
  return {
    sql: `(SELECT step_id FROM messages WHERE tenant_id = ? AND id = ?)`,
    values: [tenantId, messageId],
  }
}

/** Enters what is known of the calls already; those that were allowed stay to be run. */
export function journalAnswers(
  target: ChangeTarget,
  tenantId: string,
  given: { readonly messageId: string; readonly answers: readonly CallAnswer[] },
): void {
  const step = stepOf(tenantId, given.messageId)
  for (const answer of given.answers) {
    const result = returnOfAnswer(answer)
    if (result === null) continue
    target.post(
      `UPDATE tool_calls SET state = 'answered', result = ?
       WHERE tenant_id = ? AND call_id = ? AND step_id = ${step.sql}`,
      toJsonColumn(result),
      tenantId,
      answer.callId,
      ...step.values,
    )
  }
}

/** Enters the returns that calls have without having been run, as they were refused by a cancel. */
export function journalCancelled(
  target: ChangeTarget,
  tenantId: string,
  { messageId, returns, at }: Pick<ApprovalCancel, 'messageId' | 'returns' | 'at'>,
): void {
  const step = stepOf(tenantId, messageId)
  for (const [index, result] of returns.entries()) {
    target.post(
      `UPDATE tool_calls SET state = 'done', completed_at = ?, result = ?
       WHERE tenant_id = ? AND "index" = ? AND step_id = ${step.sql}`,
      at,
      toJsonColumn(result),
      tenantId,
      index,
      ...step.values,
    )
  }
}

/** Has the turn that was answered go on as the answer's run. */
export function queueAnswered(
  target: ChangeTarget,
  tenantId: string,
  { turn, input }: { readonly turn: Turn; readonly input: ApprovalAnswer },
): void {
  turnTable.update(
    target,
    { tenantId, id: turn.id },
    {
      state: 'queued',
      options: mergeOptions(turn.options, input.options),
      waitingFor: null,
      wakeAt: null,
      updatedAt: input.at,
    },
  )
  target.post(
    `UPDATE turns SET run_id = ? WHERE tenant_id = ? AND id = ?`,
    input.run.id,
    tenantId,
    turn.id,
  )
}

/** Ends a turn whose answer nobody waits for any more. */
export function endCancelled(
  target: ChangeTarget,
  tenantId: string,
  turn: { readonly id: string; readonly at: number },
): void {
  turnTable.update(
    target,
    { tenantId, id: turn.id },
    {
      state: 'ended',
      stopReason: 'cancelled',
      waitingFor: null,
      wakeAt: null,
      updatedAt: turn.at,
    },
  )
}
