import type { RunEvent, RunEventBody } from '../../domain/run.ts'
import type { EventStore } from '../contract/event-store.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { requireLease } from './leases.ts'
import type { Operations } from './operation.ts'
import { seesAgent } from '../engine/agent-scope.ts'
import { addAgentScope } from '../engine/scope-conditions.ts'
import { asInteger, asJson, asText, toJsonColumn } from '../engine/sql-value.ts'

/** Operations on the event log. */
export const eventOperations: Operations<keyof EventStore> = {
  appendEvents(connection, scope, { lease, runId, events, at }) {
    requireLease(connection, scope.tenantId, lease)
    return insertEvents(connection, scope.tenantId, { runId, events, at })
  },

  listEvents(connection, scope, { runId, after, limit }) {
    const run = connection.get(
      `SELECT agent_id FROM runs WHERE tenant_id = ? AND id = ?`,
      scope.tenantId,
      runId,
    )
    if (run === undefined || !seesAgent(scope, asText(run[0]))) return []
    return connection
      .all(
        `SELECT sequence, body, created_at FROM events
         WHERE tenant_id = ? AND run_id = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
        scope.tenantId,
        runId,
        after,
        limit,
      )
      .map(([sequence, body, createdAt]) => ({
        runId,
        sequence: asInteger(sequence),
        event: asJson<RunEventBody>(body),
        createdAt: asInteger(createdAt),
      }))
  },

  pruneEvents(connection, scope, { endedBefore, limit }) {
    const conditions = new Conditions().add(
      'r.tenant_id = ? AND r.events_kept = 1 AND r.completed_at < ?',
      scope.tenantId,
      endedBefore,
    )
    addAgentScope(conditions, scope, 'r.agent_id')
    const runs = connection.all(
      `SELECT r.id FROM runs r WHERE ${conditions.sql} ORDER BY r.completed_at LIMIT ?`,
      ...conditions.values,
      limit,
    )
    let removed = 0
    for (const [id] of runs) {
      if (removed >= limit) break
      removed += pruneRun(connection, scope.tenantId, { runId: asText(id), limit: limit - removed })
    }
    return removed
  },
}

/** Adds events with the next numbers of their run. */
export function insertEvents(
  connection: Connection,
  tenantId: string,
  batch: {
    readonly runId: string
    readonly events: readonly RunEventBody[]
    readonly at: number
  },
): RunEvent[] {
  if (batch.events.length === 0) return []
  const row = connection.get(
    `SELECT coalesce(max(sequence), 0) FROM events WHERE tenant_id = ? AND run_id = ?`,
    tenantId,
    batch.runId,
  )
  const last = asInteger(row?.[0])
  return batch.events.map((event, index) => {
    const sequence = last + 1 + index
    connection.run(
      `INSERT INTO events (tenant_id, run_id, sequence, body, created_at) VALUES (?, ?, ?, ?, ?)`,
      tenantId,
      batch.runId,
      sequence,
      toJsonColumn(event),
      batch.at,
    )
    return { runId: batch.runId, sequence, event, createdAt: batch.at }
  })
}

function pruneRun(
  connection: Connection,
  tenantId: string,
  run: { readonly runId: string; readonly limit: number },
): number {
  const removed = connection.run(
    `DELETE FROM events WHERE tenant_id = ? AND run_id = ? AND sequence IN (
       SELECT sequence FROM events WHERE tenant_id = ? AND run_id = ? ORDER BY sequence LIMIT ?)`,
    tenantId,
    run.runId,
    tenantId,
    run.runId,
    run.limit,
  )
  connection.run(
    `UPDATE runs SET events_kept = EXISTS (
       SELECT 1 FROM events WHERE tenant_id = ? AND run_id = ?) WHERE tenant_id = ? AND id = ?`,
    tenantId,
    run.runId,
    tenantId,
    run.runId,
  )
  return removed
}
