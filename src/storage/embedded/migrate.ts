import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createPrivateFolder } from '../../config/platform.ts'
import { defaultTenantId, defaultUserId } from '../../domain/scope.ts'
import { AppError } from '../../errors/app-error.ts'
import type { Migration } from '../migrations/migration.ts'
import { migrations as allMigrations } from '../migrations/migrations.ts'
import type { Connection } from './connection.ts'
import type { MigrationReport } from '../store.ts'
import { partialCopyFact } from '../engine/partial-copy.ts'
import { asInteger, asText, type SqlOutput } from '../engine/sql-value.ts'
import { writeSnapshot } from './snapshot.ts'

/** How a database is brought up to date. */
export interface MigrationOptions {
  /** Where a copy of a populated database is put before it changes; null = none is made. */
  readonly backupFolder: string | null
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
 * Runs the migrations a database lacks in one transaction; two processes at once run them once.
 * Throws `storage_newer` for a database that knows more migrations than the program, `storage_corrupt` for one of another program.
 */
export function migrate(connection: Connection, options: MigrationOptions): DatabaseFacts {
  const migrations = options.migrations ?? allMigrations
  const newest = migrations.at(-1)?.number ?? 0
  const present = readVersion(connection)
  requireKnown(connection.location, present, newest)
  if (present === 0) requireEmpty(connection)
  let migration: MigrationReport | null = null
  if (present < newest) {
    const made =
      present > 0 && options.backupFolder !== null
        ? copyDatabase(connection, {
            folder: options.backupFolder,
            version: present,
            now: options.now,
          })
        : null
    const from = runMissing(connection, { migrations, newest, now: options.now, made })
    if (from > 0 && from < newest) migration = { from, snapshot: made }
  }
  return {
    migration,
    databaseId: asText(readFact(connection, 'id')),
    schemaVersion: readVersion(connection),
    isPartialCopy: readFact(connection, partialCopyFact) !== undefined,
  }
}

function readFact(connection: Connection, name: string): SqlOutput | undefined {
  return connection.get('SELECT value FROM database_facts WHERE name = ?', name)?.[0]
}

function readVersion(connection: Connection): number {
  const table = connection.get(
    `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'`,
  )
  if (table === undefined) return 0
  return asInteger(connection.get('SELECT coalesce(max(number), 0) FROM migrations')?.[0])
}

/** Refuses a database that knows more migrations than the program. Throws `storage_newer`. */
export function requireKnown(location: string, present: number, newest: number): void {
  if (present <= newest) return
  throw new AppError(
    'storage_newer',
    `Cannot open the database ${location}: it has version ${present} and this program knows versions up to ${newest}. Install the newer program, or choose another database.`,
    { data: { location, version: present, known: newest } },
  )
}

/** A database that holds tables of somebody else is not taken over. */
function requireEmpty(connection: Connection): void {
  const table = connection.get(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'migrations' LIMIT 1`,
  )
  if (table === undefined || readVersion(connection) > 0) return
  const { location } = connection
  throw new AppError(
    'storage_corrupt',
    `Cannot open the database ${location}: it belongs to another program, it has a table ${asText(table[0])} and none of ours. Choose another data folder, or move the file away.`,
    { data: { location } },
  )
}

/** What is missing and how it is run. */
interface MissingRun {
  readonly migrations: readonly Migration[]
  readonly newest: number
  readonly now: number
  /** The copy from before, if one was made: removed when nothing was changed in the end. */
  readonly made: string | null
}

/** Returns the version that was found once nobody else could change it. */
function runMissing(connection: Connection, run: MissingRun): number {
  let hasChanged = false
  try {
    const present = runInTransaction(connection, run)
    // When another process was faster, its copy is the one of before the migration.
    hasChanged = present < run.newest
    return present
  } finally {
    // A program that is started again and again on a full disk would fill it with copies.
    if (!hasChanged && run.made !== null) rmSync(run.made, { force: true })
  }
}

function runInTransaction(connection: Connection, run: MissingRun): number {
  connection.exec('BEGIN IMMEDIATE')
  try {
    const present = readVersion(connection)
    requireKnown(connection.location, present, run.newest)
    if (present === 0) createBasics(connection)
    for (const migration of run.migrations.filter(({ number }) => number > present)) {
      connection.exec(migration.embedded)
      connection.run(
        'INSERT INTO migrations (number, name, applied_at) VALUES (?, ?, ?)',
        migration.number,
        migration.name,
        run.now,
      )
    }
    if (present === 0) createDefaults(connection, run.now)
    connection.exec('COMMIT')
    return present
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK')
    throw error
  }
}

function createBasics(connection: Connection): void {
  connection.exec(`
    CREATE TABLE migrations (
      number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE database_facts (
      name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `)
  connection.run(`INSERT INTO database_facts (name, value) VALUES ('id', ?)`, randomUUID())
}

/** The tenant and the user that exist in every database. */
function createDefaults(connection: Connection, now: number): void {
  connection.run(
    'INSERT INTO tenants (tenant_id, name, created_at) VALUES (?, ?, ?)',
    defaultTenantId,
    'default_org',
    now,
  )
  connection.run(
    'INSERT INTO users (tenant_id, id, name, created_at) VALUES (?, ?, ?, ?)',
    defaultTenantId,
    defaultUserId,
    'default_user',
    now,
  )
}

function copyDatabase(
  connection: Connection,
  copy: { readonly folder: string; readonly version: number; readonly now: number },
): string {
  createPrivateFolder(copy.folder)
  const stamp = new Date(copy.now).toISOString().replaceAll(/[:.]/g, '-')
  const name = `before-migration-from-${copy.version}-${stamp}-${randomUUID().slice(0, 8)}.db`
  const file = join(copy.folder, name)
  writeSnapshot(connection, file)
  return file
}
