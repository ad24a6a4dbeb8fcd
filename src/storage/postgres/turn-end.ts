import type { RunEvent } from '../../domain/run.ts'
import { AppError } from '../../errors/app-error.ts'
import type { JsonObject } from '../../util/json.ts'
import type { TurnEnd } from '../contract/turn-store.ts'
import type { SqlConnection } from './sql-connection.ts'
import { createCallbackJob } from '../engine/callback-job.ts'
import { postEvents } from './events.ts'
import { insertJobIf } from './jobs.ts'
import { notFound } from '../engine/not-found.ts'
import { asJson, asText, toJsonColumn, type SqlRow } from '../engine/sql-value.ts'
import { turnAfter } from '../engine/turn-after.ts'

const nanosecondsPerMillisecond = 1_000_000

/** Where a turn ends; nobody else writes there. */
export interface EndingTurn {
  readonly tenantId: string
  readonly conversationId: string
}

/** An end that was sent. */
export interface PostedEnd {
  /** Waits for its events. */
  events(): Promise<RunEvent[]>
  /** Throws what the transaction was refused for, when the end is the reason: `conflict`, so that a run has one terminal event, or `not_found`. */
  explain(): Promise<void>
}

/**
 * Sends the end of a run, and of its turn unless that waits: states, duration, what agent and conversation remember of
 * it, the inbox entry, the job that tells a callback, events. Waits for an answer only when the end has metadata, which are merged into those of the run.
 */
export async function postEnd(
  connection: SqlConnection,
  whose: EndingTurn,
  end: TurnEnd,
): Promise<PostedEnd> {
  const { tenantId, conversationId } = whose
  const { turnId, runId, at } = end
  const turn = connection.require(
    `UPDATE turns SET state = ?, stop_reason = ?, waiting_for = ?, wake_at = NULL,
       stop_request = NULL, updated_at = ?
     WHERE tenant_id = ? AND id = ? AND conversation_id = ? AND state <> 'ended' RETURNING id`,
    ...turnAfter(end),
    at,
    tenantId,
    turnId,
    conversationId,
  )
  const run = postRunEnd(connection, whose, {
    end,
    metadata: await mergeMetadata(connection, whose, end),
  })
  connection.post(
    `UPDATE agent_activity SET last_run_completion = ?, last_stop_reason = ?,
       turn_count = turn_count + ?::bigint, last_run_duration_ms = (
         SELECT greatest(0, ? - created_at) FROM runs WHERE tenant_id = ? AND id = ?)
     WHERE tenant_id = ? AND agent_id = (
       SELECT agent_id FROM conversation_heads WHERE tenant_id = ? AND conversation_id = ?)`,
    at,
    end.stopReason,
    end.waitingFor === null ? 1 : 0,
    at,
    tenantId,
    runId,
    tenantId,
    tenantId,
    conversationId,
  )
  connection.post(
    `UPDATE conversations SET last_message_at = ?, last_run_completion = ?, updated_at = ?
     WHERE tenant_id = ? AND id = ?`,
    at,
    at,
    at,
    tenantId,
    conversationId,
  )
  if (end.waitingFor === null) {
    leaveInbox(connection, whose, turnId)
    postJobs(connection, tenantId, end)
  }
  postCallbackJob(connection, whose, end)
  const events = postEvents(connection, tenantId, { runId, events: end.events, at })
  return {
    events: () => events(runId),
    async explain() {
      if ((await turn) === undefined) await explainTurn(connection, whose, end)
      if ((await run) === undefined) throw notFound('run', runId)
    },
  }
}

/** Takes a turn that has ended out of its conversation's inbox, with the next round trip. */
export function leaveInbox(connection: SqlConnection, whose: EndingTurn, turnId: string): void {
  connection.post(
    `DELETE FROM inbox WHERE tenant_id = ? AND conversation_id = ? AND turn_id = ?`,
    whose.tenantId,
    whose.conversationId,
    turnId,
  )
}

/** Leaves the jobs whose turn it is, by the number of turns that was just counted. */
function postJobs(connection: SqlConnection, tenantId: string, { jobs = [] }: TurnEnd): void {
  for (const { job, every, after = 0 } of jobs) {
    insertJobIf(connection, tenantId, {
      job,
      lane: { sql: '?', values: [job.lane] },
      onlyIf: {
        sql: `EXISTS (SELECT 1 FROM agent_activity
          WHERE tenant_id = ? AND agent_id = ? AND (turn_count - ?::bigint) % ?::bigint = 0)`,
        values: [tenantId, job.lane, after, every],
      },
    })
  }
}

/** Leaves a job for the end of a run that somebody is told of. */
function postCallbackJob(connection: SqlConnection, whose: EndingTurn, end: TurnEnd): void {
  const { tenantId, conversationId } = whose
  const lane = {
    sql: `(SELECT agent_id FROM conversation_heads WHERE tenant_id = ? AND conversation_id = ?)`,
    values: [tenantId, conversationId],
  }
  const onlyIf = {
    sql: `EXISTS (SELECT 1 FROM runs
      WHERE tenant_id = ? AND id = ? AND callback_url IS NOT NULL)`,
    values: [tenantId, end.runId],
  }
  const job = createCallbackJob({ tenantId, agentId: '' }, end)
  insertJobIf(connection, tenantId, { job, lane, onlyIf })
}

/** The run's metadata with those of the end as JSON text; null leaves them as they are. */
async function mergeMetadata(
  connection: SqlConnection,
  whose: EndingTurn,
  end: TurnEnd,
): Promise<string | null> {
  if (Object.keys(end.metadata).length === 0) return null
  const row = await connection.get(
    `SELECT metadata FROM runs WHERE tenant_id = ? AND id = ?`,
    whose.tenantId,
    end.runId,
  )
  if (row === undefined) return null
  return toJsonColumn({ ...asJson<JsonObject>(row[0]), ...end.metadata })
}

function postRunEnd(
  connection: SqlConnection,
  whose: EndingTurn,
  { end, metadata }: { readonly end: TurnEnd; readonly metadata: string | null },
): Promise<SqlRow | undefined> {
  return connection.require(
    `UPDATE runs SET status = ?, stop_reason = ?, metadata = coalesce(?, metadata),
       completed_at = ?, time_to_first_token_ns = ?,
       total_duration_ns = greatest(0, ? - created_at) * ${nanosecondsPerMillisecond}
     WHERE tenant_id = ? AND id = ? AND turn_id = ? RETURNING id`,
    end.status,
    end.stopReason,
    metadata,
    end.at,
    end.timeToFirstTokenNs,
    end.at,
    whose.tenantId,
    end.runId,
    end.turnId,
  )
}

async function explainTurn(
  connection: SqlConnection,
  whose: EndingTurn,
  end: TurnEnd,
): Promise<void> {
  const state = await readTurnState(connection, whose, end.turnId)
  if (state === null) throw notFound('turn', end.turnId)
  throw new AppError(
    'conflict',
    `Cannot end the turn ${end.turnId}: it has ended before. Leave it.`,
    { data: { reason: 'turn_ended', turn_id: end.turnId } },
  )
}

/** The state of a turn of a conversation; null when there is none. */
export async function readTurnState(
  connection: SqlConnection,
  whose: EndingTurn,
  turnId: string,
): Promise<string | null> {
  const row = await connection.get(
    `SELECT state FROM turns WHERE tenant_id = ? AND id = ? AND conversation_id = ?`,
    whose.tenantId,
    turnId,
    whose.conversationId,
  )
  return row === undefined ? null : asText(row[0])
}
