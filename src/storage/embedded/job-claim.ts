import type { Job } from '../../domain/job.ts'
import type { JobClaimRequest, JobLane } from '../contract/job-store.ts'
import { claimedLanes, shareFairly, type LaneLoad, type LaneShare } from '../engine/fair-claim.ts'
import { endedWithItsProcess } from '../engine/job-errors.ts'
import { asInteger, asOptionalInteger, asText, type SqlRow } from '../engine/sql-value.ts'
import type { Connection } from './connection.ts'
import { readJob } from './job-rows.ts'

/** Takes due jobs, fairly. */
export function claimJobs(connection: Connection, request: JobClaimRequest): readonly Job[] {
  const kinds = JSON.stringify(request.kinds)
  giveUpExpired(connection, request.at, kinds)
  connection.run(
    `UPDATE jobs SET due = 1 WHERE state = 'ready' AND due = 0 AND run_at <= ?
       AND kind IN (SELECT value FROM json_each(?))`,
    request.at,
    kinds,
  )
  return shareFairly(readLoads(connection, request), request).flatMap((share) =>
    takeShare(connection, share, request),
  )
}

/** Those whose owner did not renew them wait again, unless that happened too often. */
function giveUpExpired(connection: Connection, at: number, kinds: string): void {
  connection.run(
    `UPDATE jobs SET state = CASE WHEN attempts >= max_attempts THEN 'dead' ELSE 'ready' END,
       last_error = CASE WHEN attempts >= max_attempts THEN ? ELSE last_error END,
       due = 1, owner = NULL, lease_until = NULL, updated_at = ?
     WHERE state = 'running' AND lease_until <= ?
       AND kind IN (SELECT value FROM json_each(?))`,
    endedWithItsProcess,
    at,
    at,
    kinds,
  )
}

function readLoads(connection: Connection, request: JobClaimRequest): readonly LaneLoad[] {
  const kinds = JSON.stringify(request.kinds)
  const running = connection
    .all(
      `SELECT tenant_id, lane, count(*) FROM jobs INDEXED BY jobs_running WHERE state = 'running'
       GROUP BY tenant_id, lane`,
    )
    .map((row) => ({ ...toLane(row), due: 0, running: asInteger(row[2]) }))
  const runningIn = new Map(running.map((load) => [keyOf(load), load.running]))
  const waiting = readLanes(connection, request.served.at(-1)).map((lane) => {
    const row = connection.get(
      `SELECT count(*) FROM (SELECT 1 FROM jobs WHERE state = 'ready' AND due = 1
         AND tenant_id = ? AND lane = ? AND kind IN (SELECT value FROM json_each(?)) LIMIT ?)`,
      lane.tenantId,
      lane.lane,
      kinds,
      request.limit,
    )
    return { ...lane, due: asInteger(row?.[0]), running: runningIn.get(keyOf(lane)) ?? 0 }
  })
  const isWaiting = new Set(waiting.map(keyOf))
  return [...waiting, ...running.filter((load) => !isWaiting.has(keyOf(load)))]
}

/** The lanes with due jobs, from the one after the last served on, and then from the beginning. */
function readLanes(connection: Connection, last: JobLane | undefined): readonly JobLane[] {
  const from = last ?? { tenantId: '', lane: '' }
  const lanes: JobLane[] = []
  const isKnown = new Set<string>()
  for (const start of [from, { tenantId: '', lane: '' }]) {
    let place: JobLane = start
    while (lanes.length < claimedLanes) {
      const row = readLaneAfter(connection, place)
      if (row === undefined) break
      place = toLane(row)
      if (isKnown.has(keyOf(place))) break
      isKnown.add(keyOf(place))
      lanes.push(place)
    }
  }
  return lanes
}

/** The next lane with due jobs; two leaps, as SQLite would walk through a whole lane to get past a pair of columns. */
function readLaneAfter(connection: Connection, { tenantId, lane }: JobLane): SqlRow | undefined {
  const isDue = `state = 'ready' AND due = 1`
  return (
    connection.get(
      `SELECT tenant_id, lane FROM jobs WHERE ${isDue} AND tenant_id = ? AND lane > ?
       ORDER BY lane LIMIT 1`,
      tenantId,
      lane,
    ) ??
    connection.get(
      `SELECT tenant_id, lane FROM jobs WHERE ${isDue} AND tenant_id > ?
       ORDER BY tenant_id, lane LIMIT 1`,
      tenantId,
    )
  )
}

function takeShare(
  connection: Connection,
  share: LaneShare,
  request: JobClaimRequest,
): readonly Job[] {
  const rows = connection.all(
    `SELECT id FROM jobs WHERE state = 'ready' AND due = 1 AND tenant_id = ? AND lane = ?
       AND kind IN (SELECT value FROM json_each(?)) ORDER BY run_at, created_at, id LIMIT ?`,
    share.tenantId,
    share.lane,
    JSON.stringify(request.kinds),
    share.count,
  )
  return rows.map(([value]) => {
    const id = asText(value)
    connection.run(
      `UPDATE jobs SET state = 'running', due = 0, attempts = attempts + 1, fence = fence + 1,
         owner = ?, lease_until = ?, updated_at = ? WHERE tenant_id = ? AND id = ?`,
      request.owner,
      request.leaseUntil,
      request.at,
      share.tenantId,
      id,
    )
    return readJob(connection, share.tenantId, id)
  })
}

/** When the next job becomes due, or became so, or the next lease expires. */
export function nextJobAt(connection: Connection, kinds: string): number | null {
  const isOurs = 'kind IN (SELECT value FROM json_each(?))'
  const row = connection.get(
    `SELECT min(next) FROM (
       SELECT * FROM (SELECT run_at AS next FROM jobs
         WHERE state = 'ready' AND due = 0 AND ${isOurs} ORDER BY run_at LIMIT 1)
       UNION ALL
       SELECT * FROM (SELECT run_at FROM jobs
         WHERE state = 'ready' AND due = 1 AND ${isOurs} ORDER BY run_at LIMIT 1)
       UNION ALL
       SELECT * FROM (SELECT lease_until FROM jobs
         WHERE state = 'running' AND ${isOurs} ORDER BY lease_until LIMIT 1))`,
    kinds,
    kinds,
    kinds,
  )
  return asOptionalInteger(row?.[0])
}

function toLane(row: SqlRow): JobLane {
  return { tenantId: asText(row[0]), lane: asText(row[1]) }
}

function keyOf({ tenantId, lane }: JobLane): string {
  return JSON.stringify([tenantId, lane])
}
