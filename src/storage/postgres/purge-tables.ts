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

/** What this database's server may still hold, in places that a client cannot clean. */
const outside = [
  'the write-ahead log of the database server and its archive',
  'replicas and backups of the database server',
  'free space within the server’s files, until it is used again',
]

/**
 * Removes dead rows from every table that holds words and from its indexes. Rows that an older transaction of somebody else
 * can still see stay until it ends; how many is part of the report.
 */
export async function purgeTables(
  pool: Pool,
  pause: (milliseconds: number) => Promise<void>,
): Promise<PurgeReport> {
  const tables = [...textTableNames, ...derivedTables]
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
    outside:
      deadRows === 0 ? outside : [...outside, 'dead rows that an open transaction still sees'],
  }
}

async function countDead(pool: Pool, tables: readonly string[]): Promise<number> {
  const { rows } = await pool.query<{ dead: string }>(
    `SELECT coalesce(sum(n_dead_tup), 0)::text AS dead FROM pg_stat_user_tables
     WHERE schemaname = current_schema() AND relname = ANY($1)`,
    [tables],
  )
  return Number(rows[0]?.dead ?? 0)
}
