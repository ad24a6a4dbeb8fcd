import type { Job } from '../../domain/job.ts'
import type { JobClaimRequest, JobLane } from '../contract/job-store.ts'
import { claimedLanes, shareFairly, type LaneLoad, type LaneShare } from '../engine/fair-claim.ts'
import { endedWithItsProcess } from '../engine/job-errors.ts'
import { jobTable } from '../engine/job-table.ts'
import { asInteger, asText, type SqlRow } from '../engine/sql-value.ts'
import { toJob } from './job-rows.ts'
import { databaseNow } from './lease-clock.ts'
import { lockJobClaims } from './locks.ts'
import type { SqlConnection } from './sql-connection.ts'

/**
 * Takes due jobs, fairly. One claim at a time looks at the queue, so that the limit of a tenant holds for all processes
 * together; a claim takes a few milliseconds.
 */
export async function claimJobs(
  connection: SqlConnection,
  request: JobClaimRequest,
): Promise<readonly Job[]> {
  const { at } = request
  const now = connection.leaseClock.fixedTime(at)
  lockJobClaims(connection)
  connection.post(
    `UPDATE jobs SET state = CASE WHEN attempts >= max_attempts THEN 'dead' ELSE 'ready' END,
       last_error = CASE WHEN attempts >= max_attempts THEN ? ELSE last_error END,
       due = 1, owner = NULL, lease_until = NULL, updated_at = ?
     WHERE state = 'running' AND lease_until <= coalesce(?::bigint, ${databaseNow})
       AND kind = ANY(?)`,
    endedWithItsProcess,
    at,
    now,
    request.kinds,
  )
  connection.post(
    `UPDATE jobs SET due = 1 WHERE state = 'ready' AND due = 0 AND run_at <= ? AND kind = ANY(?)`,
    at,
    request.kinds,
  )
  const shares = shareFairly(await readLoads(connection, request), request)
  const taken = await Promise.all(
    shares.map(async (share) => await takeShare(connection, share, request)),
  )
  return taken.flat()
}

async function readLoads(
  connection: SqlConnection,
  request: JobClaimRequest,
): Promise<readonly LaneLoad[]> {
  const last = request.served.at(-1) ?? { tenantId: '', lane: '' }
  const [runningRows, later, earlier] = await Promise.all([
    connection.all(
      `SELECT tenant_id, lane, count(*) FROM jobs WHERE state = 'running'
       GROUP BY tenant_id, lane`,
    ),
    readLanes(connection, request, last),
    readLanes(connection, request, { tenantId: '', lane: '' }),
  ])
  const running = runningRows.map((row) => ({
    ...toLane(row),
    due: 0,
    running: asInteger(row[2]),
  }))
  const runningIn = new Map(running.map((load) => [keyOf(load), load.running]))
  const waiting = new Map(
    [...later, ...earlier].map((lane) => [
      keyOf(lane),
      { ...lane, running: runningIn.get(keyOf(lane)) ?? 0 },
    ]),
  )
  return [...waiting.values(), ...running.filter((load) => !waiting.has(keyOf(load)))]
}

/** The lanes with due jobs after a place, found by leaps from one to the next. */
async function readLanes(
  connection: SqlConnection,
  request: JobClaimRequest,
  after: JobLane,
): Promise<readonly (JobLane & { readonly due: number })[]> {
  const isDue = `j.state = 'ready' AND j.due = 1`
  const rows = await connection.all(
    `WITH RECURSIVE lanes (tenant_id, lane) AS (
       (SELECT j.tenant_id, j.lane FROM jobs j
        WHERE ${isDue} AND (j.tenant_id, j.lane) > (?::text COLLATE "C", ?::text COLLATE "C")
        ORDER BY j.tenant_id, j.lane LIMIT 1)
       UNION ALL
       SELECT next.tenant_id, next.lane FROM lanes CROSS JOIN LATERAL (
         SELECT j.tenant_id, j.lane FROM jobs j
         WHERE ${isDue} AND (j.tenant_id, j.lane) > (lanes.tenant_id, lanes.lane)
         ORDER BY j.tenant_id, j.lane LIMIT 1) next)
     SELECT found.tenant_id, found.lane, (SELECT count(*) FROM (
       SELECT 1 FROM jobs j WHERE ${isDue} AND j.tenant_id = found.tenant_id
         AND j.lane = found.lane AND j.kind = ANY(?) LIMIT ?) waiting)
     FROM (SELECT * FROM lanes LIMIT ${claimedLanes}) found`,
    after.tenantId,
    after.lane,
    request.kinds,
    request.limit,
  )
  return rows.map((row) => ({ ...toLane(row), due: asInteger(row[2]) }))
}

async function takeShare(
  connection: SqlConnection,
  share: LaneShare,
  request: JobClaimRequest,
): Promise<readonly Job[]> {
  const now = connection.leaseClock.fixedTime(request.at)
  const rows = await connection.all(
    `WITH next AS (
       SELECT j.tenant_id, j.id FROM jobs j WHERE j.state = 'ready' AND j.due = 1
         AND j.tenant_id = ? AND j.lane = ? AND j.kind = ANY(?)
       ORDER BY j.run_at, j.created_at, j.id LIMIT ? FOR UPDATE SKIP LOCKED)
     UPDATE jobs j SET state = 'running', due = 0, attempts = j.attempts + 1, fence = j.fence + 1,
       owner = ?, lease_until = coalesce(?::bigint, ${databaseNow}) + ?, updated_at = ?
     FROM next WHERE j.tenant_id = next.tenant_id AND j.id = next.id
     RETURNING j.tenant_id, ${jobTable.list('j')}`,
    share.tenantId,
    share.lane,
    request.kinds,
    share.count,
    request.owner,
    now,
    request.leaseUntil - request.at,
    request.at,
  )
  return rows
    .map((row) => toJob(connection, row))
    .toSorted((a, b) => a.runAt - b.runAt || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
}

/** When the next job becomes due, or became so, or the next lease expires. */
export async function nextJobAt(
  connection: SqlConnection,
  kinds: readonly string[],
): Promise<number | null> {
  const row = await connection.get(
    `SELECT
       (SELECT min(run_at) FROM jobs WHERE state = 'ready' AND due = 0 AND kind = ANY(?)),
       (SELECT min(run_at) FROM jobs WHERE state = 'ready' AND due = 1 AND kind = ANY(?)),
       (SELECT min(lease_until) FROM jobs WHERE state = 'running' AND kind = ANY(?))`,
    kinds,
    kinds,
    kinds,
  )
  const times: number[] = []
  if (typeof row?.[0] === 'number') times.push(row[0])
  if (typeof row?.[1] === 'number') times.push(row[1])
  if (typeof row?.[2] === 'number') times.push(connection.leaseClock.fromStored(row[2]))
  return times.length === 0 ? null : Math.min(...times)
}

function toLane(row: SqlRow): JobLane {
  return { tenantId: asText(row[0]), lane: asText(row[1]) }
}

function keyOf({ tenantId, lane }: JobLane): string {
  return JSON.stringify([tenantId, lane])
}
