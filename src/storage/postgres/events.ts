import type { RunEvent, RunEventBody } from '../../domain/run.ts'
import type { EventStore } from '../contract/event-store.ts'
import { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import { holdLease, leaseLost, requireLease } from './leases.ts'
import type { Operations, Recovery } from './operation.ts'
import { seesAgent } from '../engine/agent-scope.ts'
import { addAgentScope } from '../engine/scope-conditions.ts'
import {
  asInteger,
  asJson,
  asText,
  toExpression,
  toJsonColumn,
  type SqlExpression,
  type SqlRow,
} from '../engine/sql-value.ts'

/** Operations on the event log. */
export const eventOperations: Operations<keyof EventStore> = {
  async appendEvents(connection, scope, { lease, runId, events, at }) {
    const held = holdLease(connection, scope.tenantId, lease)
    const stored = postEvents(connection, scope.tenantId, { runId, events, at })
    if (!(await connection.commit()) || (await held) === undefined) throw leaseLost(lease)
    return await stored(runId)
  },

  async listEvents(connection, scope, { runId, after, limit }) {
    const run = await connection.get(
      `SELECT agent_id FROM runs WHERE tenant_id = ? AND id = ?`,
      scope.tenantId,
      runId,
    )
    if (run === undefined || !seesAgent(scope, asText(run[0]))) return []
    return (
      await connection.all(
        `SELECT sequence, body, created_at FROM events
         WHERE tenant_id = ? AND run_id = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
        scope.tenantId,
        runId,
        after,
        limit,
      )
    ).map((row) => toRunEvent(runId, row))
  },

  async pruneEvents(connection, scope, { endedBefore, limit }) {
    const conditions = new Conditions().add(
      'r.tenant_id = ? AND r.events_kept = 1 AND r.completed_at < ?',
      scope.tenantId,
      endedBefore,
    )
    addAgentScope(conditions, scope, 'r.agent_id')
    const runs = await connection.all(
      `SELECT r.id FROM runs r WHERE ${conditions.sql} ORDER BY r.completed_at LIMIT ?`,
      ...conditions.values,
      limit,
    )
    let removed = 0
    for (const [id] of runs) {
      if (removed >= limit) break
      removed += await pruneRun(connection, scope.tenantId, {
        runId: asText(id),
        limit: limit - removed,
      })
    }
    return removed
  },
}

/** What {@link eventOperations}.appendEvents returned for events that are stored; null when they are not. */
export const findAppended: Recovery<'appendEvents'> = async (connection, scope, input) => {
  const { tenantId } = scope
  const { lease, runId, events, at } = input
  await requireLease(connection, tenantId, lease)
  // Nobody else adds events under this lease, and its holder waits for one batch before the next.
  const newest = await readNewestEvents(connection, tenantId, { runId, count: events.length })
  const isOwn =
    newest.length === events.length &&
    newest.every(
      ({ event, createdAt }, index) =>
        createdAt === at && toJsonColumn(event) === toJsonColumn(events[index]),
    )
  return isOwn ? newest : null
}

/** Events on their way to the end of a run's log. */
export interface NewEvents {
  /** The run, or an expression that finds it. */
  readonly runId: string | SqlExpression
  readonly events: readonly RunEventBody[]
  readonly at: number
}

/**
 * Sends events to the end of a run's log; nobody else may add some until the transaction ends. Returns what waits for
 * them with their numbers, once the run is known.
 */
export function postEvents(
  connection: SqlConnection,
  tenantId: string,
  batch: NewEvents,
): (runId: string) => Promise<RunEvent[]> {
  const { events, at } = batch
  if (events.length === 0) return () => Promise.resolve([])
  const run = toExpression(batch.runId)
  const answer = connection.get(
    `WITH added AS (
       INSERT INTO events (tenant_id, run_id, sequence, body, created_at)
       SELECT ?, ${run.sql}, log.last + event.number, event.body, ?
       FROM (SELECT coalesce(max(sequence), 0) AS last FROM events
         WHERE tenant_id = ? AND run_id = ${run.sql}) log,
         unnest(?::text[]) WITH ORDINALITY event (body, number)
       RETURNING sequence)
     SELECT min(sequence) FROM added`,
    tenantId,
    ...run.values,
    at,
    tenantId,
    ...run.values,
    events.map(toJsonColumn),
  )
  return async (runId) => {
    const first = asInteger((await answer)?.[0])
    return events.map((event, index) => ({ runId, sequence: first + index, event, createdAt: at }))
  }
}

/** The newest `count` events of a run in their order. */
export async function readNewestEvents(
  connection: SqlConnection,
  tenantId: string,
  run: { readonly runId: string; readonly count: number },
): Promise<RunEvent[]> {
  if (run.count === 0) return []
  const rows = await connection.all(
    `SELECT sequence, body, created_at FROM events
     WHERE tenant_id = ? AND run_id = ? ORDER BY sequence DESC LIMIT ?`,
    tenantId,
    run.runId,
    run.count,
  )
  return rows.toReversed().map((row) => toRunEvent(run.runId, row))
}

function toRunEvent(runId: string, [sequence, body, createdAt]: SqlRow): RunEvent {
  return {
    runId,
    sequence: asInteger(sequence),
    event: asJson<RunEventBody>(body),
    createdAt: asInteger(createdAt),
  }
}

async function pruneRun(
  connection: SqlConnection,
  tenantId: string,
  run: { readonly runId: string; readonly limit: number },
): Promise<number> {
  const removed = await connection.run(
    `DELETE FROM events WHERE tenant_id = ? AND run_id = ? AND sequence IN (
       SELECT sequence FROM events WHERE tenant_id = ? AND run_id = ? ORDER BY sequence LIMIT ?)`,
    tenantId,
    run.runId,
    tenantId,
    run.runId,
    run.limit,
  )
  connection.post(
    `UPDATE runs SET events_kept = (EXISTS (
       SELECT 1 FROM events WHERE tenant_id = ? AND run_id = ?))::int WHERE tenant_id = ? AND id = ?`,
    tenantId,
    run.runId,
    tenantId,
    run.runId,
  )
  return removed
}
