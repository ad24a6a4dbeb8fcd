import type { Settings } from '../config/load-settings.ts'
import { AppError } from '../errors/app-error.ts'
import type { BackupReport } from '../storage/backup/backup-database.ts'
import type { RestoreReport } from '../storage/backup/restore-database.ts'
import type { CopyOptions, CopyReport } from '../storage/copy/copy-database.ts'
import { openStore } from '../storage/open-store.ts'
import type { StoreDescription } from '../storage/store.ts'
import { systemClock } from '../util/clock.ts'

/** Brings the database up to date, as starting the product does, and says what it is. */
export async function migrateDatabase(settings: Settings): Promise<StoreDescription> {
  const store = await openStore({ location: settings.databaseUrl ?? settings.home })
  await store.close()
  return store.description
}

/** Copies everything into an empty database of either engine; see `copyDatabase`. */
export async function copyDatabases(options: CopyOptions): Promise<CopyReport> {
  const { copyDatabase } = await import('../storage/copy/copy-database.ts')
  return await copyDatabase(options)
}

/** Writes the database of the data folder into a file while it is in use. */
export async function backUp(settings: Settings, file: string): Promise<BackupReport> {
  refuseServer(settings, 'back up', 'Use pg_dump')
  const { backupDatabase } = await import('../storage/backup/backup-database.ts')
  return backupDatabase({ folder: settings.home, file })
}

/** Puts a backup into the data folder. */
export async function restore(settings: Settings, file: string): Promise<RestoreReport> {
  refuseServer(settings, 'restore', 'Use pg_restore')
  const { restoreDatabase } = await import('../storage/backup/restore-database.ts')
  return restoreDatabase({ folder: settings.home, file, now: systemClock.now() })
}

function refuseServer(settings: Settings, action: string, instead: string): void {
  if (settings.databaseUrl === null) return
  throw new AppError(
    'configuration_invalid',
    `Cannot ${action} the database of DATABASE_URL: a PostgreSQL server has tools of its own for that. ${instead}, or unset DATABASE_URL for the data folder.`,
  )
}
