import type { ClientBase, Pool } from 'pg'
import { textTableNames } from '../stored-texts.ts'
import type { PurgeReport } from '../store.ts'
import { type RewriteOptions, rewriteTables } from './rewrite-tables.ts'

/** Tables that hold what was worked out from words. */
const derivedTables = [
  'search_documents',
  'search_scopes',
  'prompt_prefixes',
  'vectors',
  'conversation_heads',
]

const tables = [...textTableNames, ...derivedTables]

/** How often to try again while a transaction of somebody else still sees removed rows. */
const attempts = 5

/** How long to wait for transactions that were open when the cleaning began, and how often to look, in milliseconds. */
const settleWithin = 10_000
const lookEvery = 50

/** What this database's server may still hold, in places that a client cannot clean. */
const outside = [
  'the write-ahead log of the database server and its archive',
  'replicas, backups and logs of the database server',
]

/**
 * Removes dead rows from every table that holds words and from its indexes, once all that were writing have ended, has the
 * server forget what it noted of the words to plan with, and writes tables anew that are not too large, as their free space still holds the bytes. Rows
 * that an older transaction of somebody else can still see stay until it ends; how many is part of the report.
 */
export async function purgeTables(pool: Pool, options: RewriteOptions): Promise<PurgeReport> {
  const { pause } = options
  const isSettled = await settle(pool, pause)
  const client = await pool.connect()
  try {
    // A large table takes longer than any other statement may.
    await client.query('SET statement_timeout = 0')
    const deadRows = await vacuum(client, pause)
    const { rewritten, left } = await rewriteTables(client, tables, options)
    return {
      filesSearched: 0,
      filesFound: 0,
      cleaning: { tables: 'vacuumed', tableCount: tables.length, deadRows, rewritten },
      outside: [
        ...outside,
        ...left.map(
          (name) =>
            `free space of ${name} in the server’s files, until it is used again (it was in use, or is larger than LETTA_FORGET_REWRITE_MB allows)`,
        ),
        ...(deadRows === 0 ? [] : ['dead rows that an open transaction still sees']),
        ...(isSettled ? [] : ['what a transaction stores that was open all the time']),
      ],
    }
  } finally {
    // Its settings are of no use to others.
    client.release(true)
  }
}

/** Returns how many dead rows stay. */
async function vacuum(
  client: ClientBase,
  pause: (milliseconds: number) => Promise<void>,
): Promise<number> {
  let deadRows = 0
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (attempt > 0) await pause(100 * 2 ** attempt)
    for (const name of tables) {
      await client.query(`VACUUM (ANALYZE, INDEX_CLEANUP ON) "${name}"`)
    }
    deadRows = await countDead(client)
    if (deadRows === 0) break
  }
  return deadRows
}

/**
 * Waits until every transaction has ended that has written into one of the tables by now: what it wrote is seen from then on.
 * False when one did not end in time.
 */
async function settle(
  pool: Pool,
  pause: (milliseconds: number) => Promise<void>,
): Promise<boolean> {
  let open = await listWriters(pool)
  for (let waited = 0; open.size > 0 && waited < settleWithin; waited += lookEvery) {
    await pause(lookEvery)
    open = open.intersection(await listWriters(pool))
  }
  return open.size === 0
}

/** The transactions that have written into one of the tables and are open. */
async function listWriters(pool: Pool): Promise<Set<string>> {
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

async function countDead(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ dead: string }>(
    `SELECT coalesce(sum(n_dead_tup), 0)::text AS dead FROM pg_stat_user_tables
     WHERE schemaname = current_schema() AND relname = ANY($1)`,
    [tables],
  )
  return Number(rows[0]?.dead ?? 0)
}
