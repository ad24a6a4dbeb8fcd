import type { RunEvent, RunEventBody } from '../../domain/run.ts'
import type { EventStore } from '../contract/event-store.ts'
import { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import { requireLease } from './leases.ts'
import type { Operations } from './operation.ts'
import { addAgentScope, seesAgent } from './scope-filter.ts'
import { asInteger, asJson, asText, toJsonColumn } from '../embedded/sql-value.ts'

/** Operations on the event log. */
export const eventOperations: Operations<keyof EventStore> = {
  async appendEvents(connection, scope, { lease, runId, events, at }) {
    await requireLease(connection, scope.tenantId, lease)
    return await insertEvents(connection, scope.tenantId, { runId, events, at })
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

/** Adds events with the next numbers of their run. */
export async function insertEvents(
  connection: SqlConnection,
  tenantId: string,
  batch: {
    readonly runId: string
    readonly events: readonly RunEventBody[]
    readonly at: number
  },
): Promise<RunEvent[]> {
  if (batch.events.length === 0) return []
  const rows = await connection.all(
    `INSERT INTO events (tenant_id, run_id, sequence, body, created_at)
     SELECT ?, ?, last.sequence + event.number, event.body, ?
     FROM (SELECT coalesce(max(sequence), 0) AS sequence FROM events
           WHERE tenant_id = ? AND run_id = ?) last,
       unnest(?::text[]) WITH ORDINALITY event (body, number)
     RETURNING sequence`,
    tenantId,
    batch.runId,
    batch.at,
    tenantId,
    batch.runId,
    batch.events.map(toJsonColumn),
  )
  const first = Math.min(...rows.map(([sequence]) => asInteger(sequence)))
  return batch.events.map((event, index) => ({
    runId: batch.runId,
    sequence: first + index,
    event,
    createdAt: batch.at,
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
