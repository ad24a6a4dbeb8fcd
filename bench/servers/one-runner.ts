import { queryRows } from '../../test/setup/postgres-server.ts'
import type { Check } from '../harness/report.ts'

/** What the event log says about who ran what: never two at once, and one end for each run. */
export async function checkEventLog(databaseUrl: string): Promise<readonly Check[]> {
  const overlaps = await count(
    databaseUrl,
    `WITH spans AS (
       SELECT r.tenant_id, r.conversation_id, r.id, min(e.sequence) AS first_number,
         min(e.created_at) AS first, max(e.created_at) AS last
       FROM runs r JOIN events e ON e.tenant_id = r.tenant_id AND e.run_id = r.id
       GROUP BY r.tenant_id, r.conversation_id, r.id)
     SELECT count(*) AS count FROM spans a JOIN spans b
       ON a.tenant_id = b.tenant_id AND a.conversation_id = b.conversation_id AND a.id < b.id
      AND a.first < b.last AND b.first < a.last`,
  )
  const badEnds = await count(
    databaseUrl,
    `SELECT count(*) AS count FROM runs r WHERE (
       SELECT count(*) FROM events e WHERE e.tenant_id = r.tenant_id AND e.run_id = r.id
         AND e.body::text LIKE '%"run-ended"%') <> 1`,
  )
  const doubledSteps = await count(
    databaseUrl,
    `SELECT count(*) AS count FROM (
       SELECT turn_id FROM steps WHERE status = 'success' GROUP BY tenant_id, turn_id
       HAVING count(*) <> max(number)) AS doubled`,
  )
  const doubledInputs = await count(
    databaseUrl,
    `SELECT count(*) AS count FROM (
       SELECT otid FROM messages WHERE role = 'user' GROUP BY tenant_id, conversation_id, otid
       HAVING count(*) > 1) AS doubled`,
  )
  const runs = await count(databaseUrl, 'SELECT count(*) AS count FROM runs')
  return [
    toCheck('no conversation was run by two servers at once', overlaps, runs),
    toCheck('every run has one end', badEnds, runs),
    toCheck('no step was committed twice', doubledSteps, runs),
    toCheck('no message is stored twice', doubledInputs, runs),
  ]
}

function toCheck(name: string, broken: number, runs: number): Check {
  return { name, passed: broken === 0 && runs > 0, detail: `${broken} of ${runs} runs` }
}

async function count(databaseUrl: string, sql: string): Promise<number> {
  const [row] = await queryRows(databaseUrl, sql)
  return Number(row?.['count'])
}
