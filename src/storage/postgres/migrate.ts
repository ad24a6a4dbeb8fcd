import { randomUUID } from 'node:crypto'
import type { ClientBase } from 'pg'
import { defaultTenantId, defaultUserId } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import type { Migration } from '../migrations/migration.ts'
import type { MigrationReport } from '../store.ts'
import { partialCopyFact } from '../engine/partial-copy.ts'
import { migrations as allMigrations } from '../migrations/migrations.ts'

/** The oldest server that is supported. */
const oldestServer = 150_000

/** The advisory lock under which migrations run; any number that no other program uses. */
const migrationLock = '5497853344410262'

/** How a database is brought up to date. */
export interface MigrationOptions {
  /** What the store calls its place. */
  readonly location: string
  readonly now: number
  /** Default: all of the program's. */
  readonly migrations?: readonly Migration[]
}

/** What a migrated database says about itself. */
export interface DatabaseFacts {
  readonly databaseId: string
  readonly schemaVersion: number
  /** What this call changed in a populated database. */
  readonly migration: MigrationReport | null
  /** Whether a copy to it was not finished. */
  readonly isPartialCopy: boolean
}

/**
 * Runs the migrations a database lacks in one transaction under an advisory lock; two processes at once run them once.
 * Throws `storage_newer` for a database that knows more migrations than the program, `storage_failed` for a server
 * that is too old or a database whose encoding is not UTF-8.
 */
export async function migrate(
  client: ClientBase,
  options: MigrationOptions,
): Promise<DatabaseFacts> {
  const migrations = options.migrations ?? allMigrations
  const newest = migrations.at(-1)?.number ?? 0
  await requireServer(client, options.location)
  const present = await readVersion(client)
  requireKnown(options.location, present, newest)
  const from =
    present < newest ? await runMissing(client, { ...options, migrations, newest }) : newest
  const facts = await client.query<{ name: string; value: string }>(
    `SELECT name, value FROM database_facts`,
  )
  const byName = new Map(facts.rows.map(({ name, value }) => [name, value]))
  return {
    databaseId: byName.get('id') ?? '',
    isPartialCopy: byName.has(partialCopyFact),
    schemaVersion: await readVersion(client),
    // Backups of a server are its own; see docs/decisions/postgres-engine.md.
    migration: from > 0 && from < newest ? { from, snapshot: null } : null,
  }
}

async function requireServer(client: ClientBase, location: string): Promise<void> {
  const result = await client.query<{ version: number; name: string; encoding: string }>(
    `SELECT current_setting('server_version_num')::int AS version,
       current_setting('server_version') AS name, current_setting('server_encoding') AS encoding`,
  )
  const server = result.rows[0]
  if (server === undefined) return
  if (server.version < oldestServer) {
    throw new AppError(
      'storage_failed',
      `Cannot use the database ${location}: its server is PostgreSQL ${server.name} and 15 is the oldest that works. Update the server.`,
      { data: { location, version: server.name } },
    )
  }
  if (server.encoding !== 'UTF8') {
    throw new AppError(
      'storage_failed',
      `Cannot use the database ${location}: its encoding is ${server.encoding} and not UTF8. Create it anew with ENCODING 'UTF8'.`,
      { data: { location, encoding: server.encoding } },
    )
  }
}

async function readVersion(client: ClientBase): Promise<number> {
  const table = await client.query<{ name: string | null }>(
    `SELECT to_regclass('migrations')::text AS name`,
  )
  if ((table.rows[0]?.name ?? null) === null) return 0
  const version = await client.query<{ number: number }>(
    'SELECT coalesce(max(number), 0)::int AS number FROM migrations',
  )
  return version.rows[0]?.number ?? 0
}

function requireKnown(location: string, present: number, newest: number): void {
  if (present <= newest) return
  throw new AppError(
    'storage_newer',
    `Cannot open the database ${location}: it has version ${present} and this program knows versions up to ${newest}. Install the newer program, or choose another database.`,
    { data: { location, version: present, known: newest } },
  )
}

/** Returns the version that was found once nobody else could change it. */
async function runMissing(
  client: ClientBase,
  run: MigrationOptions & { readonly migrations: readonly Migration[]; readonly newest: number },
): Promise<number> {
  await client.query('BEGIN')
  try {
    await client.query('SET LOCAL statement_timeout = 0')
    await client.query('SET LOCAL lock_timeout = 0')
    await client.query('SELECT pg_advisory_xact_lock($1)', [migrationLock])
    const present = await readVersion(client)
    requireKnown(run.location, present, run.newest)
    if (present === 0) await createBasics(client)
    for (const migration of run.migrations.filter(({ number }) => number > present)) {
      if (migration.postgres !== undefined) await client.query(migration.postgres)
      await client.query('INSERT INTO migrations (number, name, applied_at) VALUES ($1, $2, $3)', [
        migration.number,
        migration.name,
        run.now,
      ])
    }
    if (present === 0) await createDefaults(client, run.now)
    await client.query('COMMIT')
    return present
  } catch (error) {
    await rollBack(client)
    throw error
  }
}

/** A connection that was lost in the migration cannot roll back, and need not: the server does. */
async function rollBack(client: ClientBase): Promise<void> {
  try {
    await client.query('ROLLBACK')
  } catch {
    // The error that led here says more.
  }
}

async function createBasics(client: ClientBase): Promise<void> {
  await client.query(`
    CREATE TABLE migrations (
      number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL
    );
    CREATE TABLE database_facts (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
  `)
  await client.query(`INSERT INTO database_facts (name, value) VALUES ('id', $1)`, [randomUUID()])
}

/** The tenant and the user that exist in every database. */
async function createDefaults(client: ClientBase, now: number): Promise<void> {
  await client.query('INSERT INTO tenants (tenant_id, name, created_at) VALUES ($1, $2, $3)', [
    defaultTenantId,
    'default_org',
    now,
  ])
  await client.query(
    'INSERT INTO users (tenant_id, id, name, created_at) VALUES ($1, $2, $3, $4)',
    [defaultTenantId, defaultUserId, 'default_user', now],
  )
}
