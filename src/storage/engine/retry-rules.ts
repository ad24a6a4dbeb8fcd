import { statusOfStopReason, type Turn } from '../../domain/run.ts'
import { AppError } from '../../errors/app-error.ts'
import type { SqlExpression } from './sql-value.ts'

/** The query that finds a row when the conversation went on after a turn. */
export function selectNewerTurn(tenantId: string, turn: Turn): SqlExpression {
  return {
    sql: `SELECT 1 FROM turns WHERE tenant_id = ? AND conversation_id = ? AND sequence > (
       SELECT sequence FROM turns WHERE tenant_id = ? AND id = ?) LIMIT 1`,
    values: [tenantId, turn.conversationId, tenantId, turn.id],
  }
}

/** Throws `conflict` unless a turn has ended, badly or with `completed` also well, and is the newest. */
export function requireRetryable(
  turn: Turn,
  { completed, hasNewer }: { readonly completed: boolean; readonly hasNewer: boolean },
): void {
  const { id, state, stopReason } = turn
  if (state !== 'ended') throw refuse(id, 'turn_open', 'it is still open')
  const endedWell = stopReason === null || statusOfStopReason(stopReason) === 'completed'
  if (endedWell && !completed) throw refuse(id, 'turn_completed', 'it has ended well')
  if (hasNewer) throw refuse(id, 'turn_not_newest', 'the conversation went on after it')
}

function refuse(turnId: string, reason: string, state: string): AppError {
  return new AppError(
    'conflict',
    `Cannot retry the turn ${turnId}: ${state}. Send a new message instead.`,
    { data: { reason, turn_id: turnId } },
  )
}
