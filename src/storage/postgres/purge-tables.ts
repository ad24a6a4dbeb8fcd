import type { Pool } from 'pg'
import { textTableNames } from '../stored-texts.ts'
import type { PurgeReport } from '../store.ts'

/** Tables that hold what was worked out from words. */
const derivedTables = [
  'search_documents',
  'search_scopes',
  'prompt_prefixes',
  'vectors',
  'conversation_heads',
]

/** How often to try again while a transaction of somebody else still sees removed rows. */
const attempts = 5

/** How long to wait for transactions that were open when the cleaning began, and how often to look, in milliseconds. */
const settleWithin = 10_000
const lookEvery = 50

/** What this database's server may still hold, in places that a client cannot clean. */
const outside = [
  'the write-ahead log of the database server and its archive',
  'replicas and backups of the database server',
  'free space within the server’s files, until it is used again',
]

/**
 * Removes dead rows from every table that holds words and from its indexes, once all that were writing have ended. Rows that an older transaction of somebody else
 * can still see stay until it ends; how many is part of the report.
 */
export async function purgeTables(
  pool: Pool,
  pause: (milliseconds: number) => Promise<void>,
): Promise<PurgeReport> {
  const tables = [...textTableNames, ...derivedTables]
  const isSettled = await settle(pool, tables, pause)
  let deadRows = 0
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (attempt > 0) await pause(100 * 2 ** attempt)
    await pool.query(`VACUUM (INDEX_CLEANUP ON) ${tables.map((name) => `"${name}"`).join(', ')}`)
    deadRows = await countDead(pool, tables)
    if (deadRows === 0) break
  }
  return {
    filesSearched: 0,
    filesFound: 0,
    cleaning: { tables: 'vacuumed', tableCount: tables.length, deadRows },
    outside: [
      ...outside,
      ...(deadRows === 0 ? [] : ['dead rows that an open transaction still sees']),
      ...(isSettled ? [] : ['what a transaction stores that was open all the time']),
    ],
  }
}

/**
 * Waits until every transaction has ended that has written into one of the tables by now: what it wrote is seen from then on.
 * False when one did not end in time.
 */
async function settle(
  pool: Pool,
  tables: readonly string[],
  pause: (milliseconds: number) => Promise<void>,
): Promise<boolean> {
  let open = await listWriters(pool, tables)
  for (let waited = 0; open.size > 0 && waited < settleWithin; waited += lookEvery) {
    await pause(lookEvery)
    open = open.intersection(await listWriters(pool, tables))
  }
  return open.size === 0
}

/** The transactions that have written into one of the tables and are open. */
async function listWriters(pool: Pool, tables: readonly string[]): Promise<Set<string>> {
  const { rows } = await pool.query<{ writer: string }>(
    `SELECT DISTINCT held.virtualtransaction AS writer FROM pg_locks held
     JOIN pg_class relation ON relation.oid = held.relation
     WHERE held.locktype = 'relation' AND held.mode = 'RowExclusiveLock' AND held.granted
       AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND relation.relname = ANY($1)`,
    [tables],
  )
  return new Set(rows.map(({ writer }) => writer))
}

async function countDead(pool: Pool, tables: readonly string[]): Promise<number> {
  const { rows } = await pool.query<{ dead: string }>(
    `SELECT coalesce(sum(n_dead_tup), 0)::text AS dead FROM pg_stat_user_tables
     WHERE schemaname = current_schema() AND relname = ANY($1)`,
    [tables],
  )
  return Number(rows[0]?.dead ?? 0)
}
