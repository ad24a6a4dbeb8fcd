import { insertJob } from '../engine/job-changes.ts'
import type { RunEvent } from '../../domain/run.ts'
import { AppError } from '../../errors/app-error.ts'
import type { JsonObject } from '../../util/json.ts'
import type { TurnEnd } from '../contract/turn-store.ts'
import type { Connection } from './connection.ts'
import { createCallbackJob } from '../engine/callback-job.ts'
import { insertEvents } from './events.ts'
import { notFound } from '../engine/not-found.ts'
import { asInteger, asJson, toJsonColumn } from '../engine/sql-value.ts'
import { turnAfter } from '../engine/turn-after.ts'

const nanosecondsPerMillisecond = 1_000_000

/** Whose turn ends. */
export interface EndingTurn {
  readonly tenantId: string
  readonly agentId: string
  readonly conversationId: string
}

/**
 * Ends a run and, unless it waits for an answer, its turn: states, durations, what agent and conversation remember of it, the inbox entry, events.
 * Throws `conflict` when it has ended before, so that a run has one terminal event.
 */
export function finishTurn(connection: Connection, whose: EndingTurn, end: TurnEnd): RunEvent[] {
  const { tenantId } = whose
  endTurnRow(connection, whose, end)
  const durationMs = endRunRow(connection, whose, end)
  const isTurnOver = end.waitingFor === null
  const activity = connection.get(
    `UPDATE agent_activity SET last_run_completion = ?, last_run_duration_ms = ?,
       last_stop_reason = ?, turn_count = turn_count + ?
     WHERE tenant_id = ? AND agent_id = ? RETURNING turn_count`,
    end.at,
    durationMs,
    end.stopReason,
    isTurnOver ? 1 : 0,
    tenantId,
    whose.agentId,
  )
  if (isTurnOver) storeJobs(connection, end, { tenantId, turnCount: asInteger(activity?.[0]) })
  connection.run(
    `UPDATE conversations SET last_message_at = ?, last_run_completion = ?, updated_at = ?
     WHERE tenant_id = ? AND id = ?`,
    end.at,
    end.at,
    end.at,
    tenantId,
    whose.conversationId,
  )
  if (isTurnOver) leaveInbox(connection, whose, end.turnId)
  return insertEvents(connection, tenantId, { runId: end.runId, events: end.events, at: end.at })
}

function storeJobs(
  connection: Connection,
  { jobs = [] }: TurnEnd,
  { tenantId, turnCount }: { readonly tenantId: string; readonly turnCount: number },
): void {
  for (const { job, every, after = 0 } of jobs) {
    if ((turnCount - after) % every === 0) insertJob(connection, tenantId, job)
  }
}

/** Takes a turn that has ended out of its conversation's inbox. */
export function leaveInbox(
  connection: Connection,
  whose: Pick<EndingTurn, 'tenantId' | 'conversationId'>,
  turnId: string,
): void {
  connection.run(
    `DELETE FROM inbox WHERE tenant_id = ? AND conversation_id = ? AND turn_id = ?`,
    whose.tenantId,
    whose.conversationId,
    turnId,
  )
}

function endTurnRow(connection: Connection, whose: EndingTurn, end: TurnEnd): void {
  const ended = connection.run(
    `UPDATE turns SET state = ?, stop_reason = ?, waiting_for = ?, wake_at = NULL,
       stop_request = NULL, updated_at = ?
     WHERE tenant_id = ? AND id = ? AND conversation_id = ? AND state <> 'ended'`,
    ...turnAfter(end),
    end.at,
    whose.tenantId,
    end.turnId,
    whose.conversationId,
  )
  if (ended > 0) return
  const row = connection.get(
    `SELECT 1 FROM turns WHERE tenant_id = ? AND id = ? AND conversation_id = ?`,
    whose.tenantId,
    end.turnId,
    whose.conversationId,
  )
  if (row === undefined) throw notFound('turn', end.turnId)
  throw new AppError(
    'conflict',
    `Cannot end the turn ${end.turnId}: it has ended before. Leave it.`,
    { data: { reason: 'turn_ended', turn_id: end.turnId } },
  )
}

function endRunRow(connection: Connection, whose: EndingTurn, end: TurnEnd): number {
  const { tenantId } = whose
  const row = connection.get(
    `SELECT created_at, metadata, callback_url FROM runs WHERE tenant_id = ? AND id = ? AND turn_id = ?`,
    tenantId,
    end.runId,
    end.turnId,
  )
  if (row === undefined) throw notFound('run', end.runId)
  const durationMs = Math.max(0, end.at - asInteger(row[0]))
  connection.run(
    `UPDATE runs SET status = ?, stop_reason = ?, metadata = ?, completed_at = ?,
       time_to_first_token_ns = ?, total_duration_ns = ? WHERE tenant_id = ? AND id = ?`,
    end.status,
    end.stopReason,
    toJsonColumn({ ...asJson<JsonObject>(row[1]), ...end.metadata }),
    end.at,
    end.timeToFirstTokenNs,
    durationMs * nanosecondsPerMillisecond,
    tenantId,
    end.runId,
  )
  if (row[2] !== null) insertJob(connection, tenantId, createCallbackJob(whose, end))
  return durationMs
}
