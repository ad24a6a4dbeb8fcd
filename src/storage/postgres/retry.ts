import { requireRetryable, selectNewerTurn } from '../engine/retry-rules.ts'
import type { Run } from '../../domain/run.ts'
import type { TurnStore } from '../contract/turn-store.ts'
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
  const newer = selectNewerTurn(tenantId, turn)
  const hasNewer = (await connection.get(newer.sql, ...newer.values)) !== undefined
  requireRetryable(turn, { completed: input.completed, hasNewer })
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
