import { statusOfStopReason, type Run, type Turn } from '../../domain/run.ts'
import { AppError } from '../../errors/app-error.ts'
import type { TurnStore } from '../contract/turn-store.ts'
import type { SqlConnection } from './sql-connection.ts'
import { enqueueTurn, insertRun } from './inbox.ts'
import { lockConversations } from './locks.ts'
import type { Operation } from './operation.ts'
import { readRun, readTurn } from './run-rows.ts'
import { reserveSequence } from './sequences.ts'
import { toJsonColumn } from '../engine/sql-value.ts'

/** Opens an ended turn again, under a new run. */
export const retryTurn: Operation<keyof Pick<TurnStore, 'retryTurn'>> = async (
  connection,
  scope,
  input,
) => {
  const { tenantId } = scope
  const { turnId, conversationId } = await readRun(connection, scope, input.runId)
  lockConversations(connection, tenantId, [conversationId])
  const turn = await readTurn(connection, scope, turnId)
  await requireRetryable(connection, tenantId, { turn, completed: input.completed })
  const run: Run = { ...input.run, turnId, status: 'created' }
  const sequence = reserveSequence(connection, tenantId, 1).at(0)
  insertRun(connection, tenantId, { run, sequence, requestHash: null })
  connection.post(
    `UPDATE turns SET state = 'queued', stop_reason = NULL, run_id = ?, scope = ?, updated_at = ?
     WHERE tenant_id = ? AND id = ?`,
    run.id,
    toJsonColumn(scope),
    input.at,
    tenantId,
    turnId,
  )
  enqueueTurn(connection, tenantId, { conversationId, turnId, at: input.at })
  return { run, turn: await readTurn(connection, scope, turnId), duplicate: false, messages: [] }
}

async function requireRetryable(
  connection: SqlConnection,
  tenantId: string,
  { turn, completed }: { readonly turn: Turn; readonly completed: boolean },
): Promise<void> {
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
  const newer = await connection.get(
    `SELECT 1 FROM turns WHERE tenant_id = ? AND conversation_id = ? AND sequence > (
       SELECT sequence FROM turns WHERE tenant_id = ? AND id = ?) LIMIT 1`,
    tenantId,
    turn.conversationId,
    tenantId,
    turn.id,
  )
  if (newer !== undefined) throw refuse('turn_not_newest', 'the conversation went on after it')
}
