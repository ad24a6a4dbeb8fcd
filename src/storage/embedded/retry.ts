import { statusOfStopReason, type Run, type Turn } from '../../domain/run.ts'
import { AppError } from '../../errors/app-error.ts'
import type { TurnStore } from '../contract/turn-store.ts'
import type { Connection } from './connection.ts'
import { enqueueTurn, insertRun } from './inbox.ts'
import type { Operation } from './operation.ts'
import { readRun, readTurn } from './run-rows.ts'
import { takeSequence } from './sequences.ts'
import { toJsonColumn } from '../engine/sql-value.ts'

/** Opens an ended turn again, under a new run. */
export const retryTurn: Operation<keyof Pick<TurnStore, 'retryTurn'>> = (
  connection,
  scope,
  input,
) => {
  const { tenantId } = scope
  const { turnId } = readRun(connection, scope, input.runId)
  const turn = readTurn(connection, scope, turnId)
  requireRetryable(connection, tenantId, { turn, completed: input.completed })
  const run: Run = { ...input.run, turnId, status: 'created' }
  insertRun(connection, tenantId, {
    run,
    sequence: takeSequence(connection, tenantId, 1),
    requestHash: null,
  })
  connection.run(
    `UPDATE turns SET state = 'queued', stop_reason = NULL, run_id = ?, scope = ?, updated_at = ?
     WHERE tenant_id = ? AND id = ?`,
    run.id,
    toJsonColumn(scope),
    input.at,
    tenantId,
    turnId,
  )
  const { conversationId } = turn
  enqueueTurn(connection, tenantId, { conversationId, turnId, at: input.at })
  return { run, turn: readTurn(connection, scope, turnId), duplicate: false, messages: [] }
}

function requireRetryable(
  connection: Connection,
  tenantId: string,
  { turn, completed }: { readonly turn: Turn; readonly completed: boolean },
): void {
  const refuse = (reason: string, state: string): AppError =>
    new AppError(
      'conflict',
      `Cannot retry the turn ${turn.id}: ${state}. Send a new message instead.`,
      { data: { reason, turn_id: turn.id } },
    )
  if (turn.state !== 'ended') throw refuse('turn_open', 'it is still open')
  const endedWell = turn.stopReason === null || statusOfStopReason(turn.stopReason) === 'completed'
  if (endedWell && !completed) {
    throw refuse('turn_completed', 'it has ended well')
  }
  const newer = connection.get(
    `SELECT 1 FROM turns WHERE tenant_id = ? AND conversation_id = ? AND sequence > (
       SELECT sequence FROM turns WHERE tenant_id = ? AND id = ?) LIMIT 1`,
    tenantId,
    turn.conversationId,
    tenantId,
    turn.id,
  )
  if (newer !== undefined) throw refuse('turn_not_newest', 'the conversation went on after it')
}
