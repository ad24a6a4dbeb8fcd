import type { ClientBase } from 'pg'
import { dropStatistics } from './drop-statistics.ts'
import { sqlState, sqlStates } from './postgres-error.ts'

/**
 * How long everybody waits for a table at most because somebody uses it who is in the way, in milliseconds; longer than the
 * second (`deadlock_timeout`) after which the server takes its own cleaning out of the way.
 */
const lockWithin = 2000

/** Where the server keeps the most frequent values of columns, and the bounds between the others: words, too. */
const statistics = 'pg_statistic'

/** How often it is looked whether everybody has ended who may still see what the statistics were. */
const attempts = 6

/** How tables are written anew. */
export interface RewriteOptions {
  /** Waits so many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>
  /** A table that is larger with its indexes is not written anew, as nobody can use it meanwhile; in bytes. */
  readonly rewriteLimitBytes: number
}

/** What became of some tables. */
export interface RewriteReport {
  /** How many were written anew. */
  readonly rewritten: number
  /** Those that were not and are not empty: they are too large, in use, or of another owner. */
  readonly left: readonly string[]
}

/**
 * Writes tables anew, with their indexes and long texts: free space in the server's files keeps the bytes of removed rows,
 * and so does what the server noted of them to plan with. The connection waits for no lock longer than a moment afterwards.
 */
export async function rewriteTables(
  client: ClientBase,
  tables: readonly string[],
  { pause, rewriteLimitBytes }: RewriteOptions,
): Promise<RewriteReport> {
  await client.query(`SET lock_timeout = ${lockWithin}`)
  const isDropped = await unlessBusy(dropStatistics(client, tables))
  const hasEnded = isDropped && (await untilUnseen(client, pause))
  const before = await listFiles(client, [...tables, statistics])
  for (const { name, bytes } of before) {
    if (bytes > rewriteLimitBytes || (name === statistics && !hasEnded)) continue
    await unlessBusy(client.query(`VACUUM (FULL) "${name}"`))
  }
  const after = await listFiles(client, [...tables, statistics])
  const files = new Map(before.map(({ name, file }) => [name, file]))
  // The server passes over a table of somebody else with a warning.
  const left = after.filter(({ name, file }) => files.get(name) === file).map(({ name }) => name)
  return { rewritten: after.length - left.length, left }
}

/**
 * Waits until nobody can see the statistics of before any more, as a table that is written anew takes along what anybody can
 * still see; false when that takes too long.
 */
async function untilUnseen(
  client: ClientBase,
  pause: (milliseconds: number) => Promise<void>,
): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (attempt > 0) await pause(50 * 2 ** attempt)
    await client.query(`VACUUM "${statistics}"`)
    const { rows } = await client.query<{ dead: string }>(
      `SELECT n_dead_tup::text AS dead FROM pg_stat_all_tables
       WHERE schemaname = 'pg_catalog' AND relname = $1`,
      [statistics],
    )
    if (rows[0]?.dead === '0') return true
  }
  return false
}

interface TableFile {
  readonly name: string
  readonly bytes: number
  readonly file: string
}

/** The tables among these that are not empty, with their files. */
async function listFiles(
  client: ClientBase,
  tables: readonly string[],
): Promise<readonly TableFile[]> {
  const { rows } = await client.query<{ name: string; bytes: string; file: string }>(
    `SELECT relname AS name, pg_total_relation_size(oid)::text AS bytes, pg_relation_filenode(oid)::text AS file
     FROM pg_class
     WHERE relkind = 'r' AND relname = ANY($1) AND pg_table_is_visible(oid) AND pg_table_size(oid) > 0
     ORDER BY relname`,
    [tables],
  )
  return rows.map(({ bytes, ...row }) => ({ ...row, bytes: Number(bytes) }))
}

/** False when it was not done as somebody used a table all the time. */
async function unlessBusy(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (sqlState(error) !== sqlStates.lockTimeout) throw error
    return false
  }
}
