import type { RunEvent, RunEventBody } from '../../domain/run.ts'
import type { EventStore } from '../contract/event-store.ts'
import { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import { requireLease } from './leases.ts'
import type { Operations } from './operation.ts'
import { addAgentScope, seesAgent } from './scope-filter.ts'
import { asInteger, asJson, asText, toJsonColumn } from '../engine/sql-value.ts'

/** Operations on the event log. */
export const eventOperations: Operations<keyof EventStore> = {
  async appendEvents(connection, scope, { lease, runId, events, at }) {
    const [, last] = await Promise.all([
      requireLease(connection, scope.tenantId, lease),
      readLastEvent(connection, scope.tenantId, runId),
    ])
    return insertEvents(connection, scope.tenantId, { runId, events, last, at })
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
    ).map(([sequence, body, createdAt]) => ({
      runId,
      sequence: asInteger(sequence),
      event: asJson<RunEventBody>(body),
      createdAt: asInteger(createdAt),
    }))
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

/** The number of a run's newest event, 0 without any. Nobody else may add some until the transaction ends. */
export async function readLastEvent(
  connection: SqlConnection,
  tenantId: string,
  runId: string,
): Promise<number> {
  const row = await connection.get(
    `SELECT coalesce(max(sequence), 0) FROM events WHERE tenant_id = ? AND run_id = ?`,
    tenantId,
    runId,
  )
  return asInteger(row?.[0])
}

/** Adds events with the numbers after `last`, with the next round trip. */
export function insertEvents(
  connection: SqlConnection,
  tenantId: string,
  batch: {
    readonly runId: string
    readonly events: readonly RunEventBody[]
    readonly last: number
    readonly at: number
  },
): RunEvent[] {
  const { runId, events, last, at } = batch
  if (events.length === 0) return []
  connection.post(
    `INSERT INTO events (tenant_id, run_id, sequence, body, created_at)
     SELECT ?, ?, ? + event.number, event.body, ?
     FROM unnest(?::text[]) WITH ORDINALITY event (body, number)`,
    tenantId,
    runId,
    last,
    at,
    events.map(toJsonColumn),
  )
  return events.map((event, index) => ({
    runId,
    sequence: last + 1 + index,
    event,
    createdAt: at,
  }))
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
