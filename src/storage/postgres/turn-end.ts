import type { RunEvent } from '../../domain/run.ts'
import { AppError } from '../../errors/app-error.ts'
import type { JsonObject } from '../../util/json.ts'
import type { TurnEnd } from '../contract/turn-store.ts'
import type { SqlConnection } from './sql-connection.ts'
import { createCallbackJob } from '../engine/callback-job.ts'
import { insertEvents, readLastEvent } from './events.ts'
import { insertJob } from './jobs.ts'
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

/** What has to be known before the end of a turn is written. */
export interface EndedRun {
  readonly createdAt: number
  readonly metadata: JsonObject
  /** Whether someone is told when it ends. */
  readonly hasCallback: boolean
  /** The number of its newest event. */
  readonly lastEvent: number
}

/**
 * Marks a turn as ended, or as waiting where only its run ends, and reads what {@link writeEnd} needs. Throws `conflict` when it has ended before, so that a
 * run has one terminal event.
 */
export async function beginEnd(
  connection: SqlConnection,
  whose: Pick<EndingTurn, 'tenantId' | 'conversationId'>,
  end: TurnEnd,
): Promise<EndedRun> {
  const [, row, lastEvent] = await Promise.all([
    endTurnRow(connection, whose, end),
    connection.get(
      `SELECT created_at, metadata, callback_url FROM runs WHERE tenant_id = ? AND id = ? AND turn_id = ?`,
      whose.tenantId,
      end.runId,
      end.turnId,
    ),
    readLastEvent(connection, whose.tenantId, end.runId),
  ])
  if (row === undefined) throw notFound('run', end.runId)
  return {
    createdAt: asInteger(row[0]),
    metadata: asJson<JsonObject>(row[1]),
    hasCallback: row[2] !== null,
    lastEvent,
  }
}

/**
 * Writes the end of a run, and of its turn unless it waits, with the next round trip: state, duration, what agent and conversation remember
 * of it, the inbox entry, events. `earlier` events of the same commit come before its own.
 */
export function writeEnd(
  connection: SqlConnection,
  whose: EndingTurn,
  ending: { readonly end: TurnEnd; readonly run: EndedRun; readonly earlier: number },
): RunEvent[] {
  const { tenantId } = whose
  const { end, run } = ending
  const durationMs = Math.max(0, end.at - run.createdAt)
  connection.post(
    `UPDATE runs SET status = ?, stop_reason = ?, metadata = ?, completed_at = ?,
       time_to_first_token_ns = ?, total_duration_ns = ? WHERE tenant_id = ? AND id = ?`,
    end.status,
    end.stopReason,
    toJsonColumn({ ...run.metadata, ...end.metadata }),
    end.at,
    end.timeToFirstTokenNs,
    durationMs * nanosecondsPerMillisecond,
    tenantId,
    end.runId,
  )
  connection.post(
    `UPDATE agent_activity SET last_run_completion = ?, last_run_duration_ms = ?,
       last_stop_reason = ? WHERE tenant_id = ? AND agent_id = ?`,
    end.at,
    durationMs,
    end.stopReason,
    tenantId,
    whose.agentId,
  )
  connection.post(
    `UPDATE conversations SET last_message_at = ?, last_run_completion = ?, updated_at = ?
     WHERE tenant_id = ? AND id = ?`,
    end.at,
    end.at,
    end.at,
    tenantId,
    whose.conversationId,
  )
  if (end.waitingFor === null) leaveInbox(connection, whose, end.turnId)
  if (run.hasCallback) insertJob(connection, tenantId, createCallbackJob(whose, end))
  const { runId, events, at } = end
  return insertEvents(connection, tenantId, {
    runId,
    events,
    at,
    last: run.lastEvent + ending.earlier,
  })
}

/** Takes a turn that has ended out of its conversation's inbox, with the next round trip. */
export function leaveInbox(
  connection: SqlConnection,
  whose: Pick<EndingTurn, 'tenantId' | 'conversationId'>,
  turnId: string,
): void {
  connection.post(
    `DELETE FROM inbox WHERE tenant_id = ? AND conversation_id = ? AND turn_id = ?`,
    whose.tenantId,
    whose.conversationId,
    turnId,
  )
}

async function endTurnRow(
  connection: SqlConnection,
  whose: Pick<EndingTurn, 'tenantId' | 'conversationId'>,
  end: TurnEnd,
): Promise<void> {
  const ended = await connection.run(
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
  const row = await connection.get(
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
