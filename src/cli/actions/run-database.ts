import { resolve } from 'node:path'
import { loadSettings } from '../../config/load-settings.ts'
import type { CliContext } from '../context.ts'
import { printJson, printLines, toColumns } from './print.ts'

/** Brings the database up to date and says what it is. */
export async function runMigrate(
  context: CliContext,
  options: { readonly json: boolean },
): Promise<void> {
  const { migrate } = context.product.databases
  const { engine, location, schemaVersion } = await migrate(loadSettings(context.environment))
  if (options.json) printJson(context, { engine, location, version: schemaVersion })
  else printLines(context, [`${engine} ${location} is at version ${schemaVersion}.`])
}

/** Copies a database and says what arrived. */
export async function runCopy(
  context: CliContext,
  options: { readonly from: string; readonly to: string; readonly json: boolean },
): Promise<void> {
  const report = await context.product.databases.copy({
    from: toLocation(context, options.from),
    to: toLocation(context, options.to),
  })
  if (options.json) {
    printJson(context, report)
    return
  }
  const filled = report.tables.filter(({ rows }) => rows > 0)
  printLines(context, [
    ...toColumns(filled.map(({ table, rows, copied }) => [table, String(rows), `${copied} new`])),
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
  if (options.json) printJson(context, report)
  else printLines(context, [`${report.file}: ${report.bytes} bytes, checked.`])
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
}

function toLocation(context: CliContext, location: string): string {
  return location.includes('://') ? location : resolve(context.folder, location)
}
