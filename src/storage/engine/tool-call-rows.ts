import type { Step, ToolJournalEntry } from '../../domain/run.ts'
import { AppError } from '../../errors/app-error.ts'
import type { ToolCommit } from '../contract/turn-store.ts'
import { toJsonColumn } from './sql-value.ts'
import type { ChangeTarget } from './table.ts'

/** Stores the calls of a step as intents. */
export function insertToolCalls(
  target: ChangeTarget,
  tenantId: string,
  { step, toolCalls }: { readonly step: Step; readonly toolCalls: readonly ToolJournalEntry[] },
): void {
  for (const call of toolCalls) {
    target.post(
      `INSERT INTO tool_calls (tenant_id, step_id, "index", turn_id, step_number, call_id, name,
         arguments, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'intended')`,
      tenantId,
      step.id,
      call.index,
      step.turnId,
      step.number,
      call.callId,
      call.name,
      call.arguments,
    )
  }
}

/** Stores the result of a call. */
export function finishCall(target: ChangeTarget, tenantId: string, input: ToolCommit): void {
  target.post(
    `UPDATE tool_calls SET state = 'done', completed_at = ?, result = ?
     WHERE tenant_id = ? AND step_id = ? AND "index" = ?`,
    input.at,
    toJsonColumn(input.result),
    tenantId,
    input.stepId,
    input.index,
  )
}

/** Throws `internal` unless the message with all returns comes with the commit that closes the last call, and only with that. */
export function requireToolMessage(input: ToolCommit, openCalls: number): void {
  if ((openCalls === 0) === (input.toolMessage !== null)) return
  throw new AppError(
    'internal',
    openCalls === 0
      ? 'Cannot store the last tool result of a step: its message is missing. Pass the message.'
      : 'Cannot store the message of a step: some of its tool calls are open. Store them first.',
    { data: { step_id: input.stepId, open_calls: openCalls } },
  )
}

/** The call has a result by now. */
export function alreadyDone(input: Pick<ToolCommit, 'stepId' | 'index'>): AppError {
  return new AppError(
    'conflict',
    `Cannot store the result of call ${input.index} of ${input.stepId}: it has one. Leave it.`,
    { data: { reason: 'call_done', step_id: input.stepId, index: input.index } },
  )
}
