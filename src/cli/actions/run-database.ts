import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadSettings } from '../../config/load-settings.ts'
import { secretKeyFile } from '../../config/secret-key.ts'
import type { CliContext, Databases } from '../context.ts'
import { printJson, printLines, toColumns } from './print.ts'

/** Brings the database up to date and says what it is. */
export async function runMigrate(
  context: CliContext,
  options: { readonly json: boolean },
): Promise<void> {
  const { migrate } = context.product.databases
  const report = await migrate(loadSettings(context.environment))
  const { engine, location, schemaVersion: version, migration } = report
  if (options.json) {
    const { from = null, snapshot = null } = migration ?? {}
    printJson(context, { engine, location, version, migrated_from: from, snapshot })
    return
  }
  const moved = migration === null ? 'is at' : `went from version ${migration.from} to`
  printLines(context, [`${engine} ${location} ${moved} version ${version}.`, ...toKept(report)])
}

/** Where the database is as it was before a migration. */
function toKept(report: Awaited<ReturnType<Databases['migrate']>>): string[] {
  if (report.migration === null) return []
  const { snapshot } = report.migration
  return [
    snapshot === null
      ? 'No copy was made before: backups of a PostgreSQL server are its own, by pg_dump or as its host offers them.'
      : `What was there before is kept in ${snapshot}.`,
  ]
}

/** Copies a database and says what arrived. */
export async function runCopy(
  context: CliContext,
  options: {
    readonly from: string
    readonly to: string
    readonly verifyOnly: boolean
    readonly json: boolean
  },
): Promise<void> {
  const report = await context.product.databases.copy({
    from: toLocation(context, options.from),
    to: toLocation(context, options.to),
    verifyOnly: options.verifyOnly,
  })
  if (options.json) {
    printJson(context, report)
    return
  }
  const filled = report.tables.filter(({ rows }) => rows > 0)
  printLines(context, [
    ...toColumns(
      filled.map(({ table, rows, copied, removed }) => [
        table,
        String(rows),
        options.verifyOnly ? '' : `${copied} new`,
        removed > 0 ? `${removed} removed` : '',
      ]),
    ),
    `${report.to} holds everything of ${report.from}: counts and checksums are equal.`,
  ])
}

/** Writes a backup and says where it is. */
export async function runBackup(
  context: CliContext,
  options: { readonly file: string; readonly json: boolean },
): Promise<void> {
  const settings = loadSettings(context.environment)
  const report = await context.product.databases.backUp(
    settings,
    resolve(context.folder, options.file),
  )
  if (options.json) {
    printJson(context, report)
    return
  }
  const key = join(settings.home, secretKeyFile)
  // A backup that holds the key of its own secrets would protect none of them.
  const apart = existsSync(key)
    ? [`Stored secrets are encrypted, and their key is not in the backup: keep ${key}, too.`]
    : []
  printLines(context, [`${report.file}: ${report.bytes} bytes, checked.`, ...apart])
}

/** Puts a backup back and says where the former database is. */
export async function runRestore(
  context: CliContext,
  options: { readonly file: string; readonly json: boolean },
): Promise<void> {
  const settings = loadSettings(context.environment)
  const report = await context.product.databases.restore(
    settings,
    resolve(context.folder, options.file),
  )
  if (options.json) {
    printJson(context, report)
    return
  }
  const kept = report.kept === null ? [] : [`What was there is kept in ${report.kept}.`]
  printLines(context, [`${report.folder} holds the backup.`, ...kept])
  if (report.damaged) {
    context.stderr.write(
      'What was there is damaged and kept as it was. What was forgotten since the backup may be back.\n',
    )
  }
  if (report.undone.length === 0) return
  context.stderr.write(
    `The backup is from before something was forgotten, so that may be back: ${report.undone.join(', ')}. Forget it again.\n`,
  )
}

function toLocation(context: CliContext, location: string): string {
  return location.includes('://') ? location : resolve(context.folder, location)
}
