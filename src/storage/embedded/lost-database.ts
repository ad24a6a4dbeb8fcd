import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { secretKeyFile } from '../../config/secret-key.ts'
import { AppError } from '../../errors/app-error.ts'
import type { DataFolder } from './data-folder.ts'

/** What is made in a data folder only after its database: the key of stored secrets, and the command line's notes. */
const laterThanDatabase = [secretKeyFile, 'folders']

/** The least size of a page in bytes. That of a file stands in it, but closing the file would give up this process's locks on it. */
const leastPage = 512

/**
 * Refuses a folder whose database was emptied, cut within a page or taken from beside its log. SQLite would take each for a
 * new database, or for a whole one, and throw away the log. A database that is gone without a log was moved away on
 * purpose, as our sentences advise.
 *
 * What another process does meanwhile is told apart by the order in which is looked: the log comes after the first page,
 * and what {@link laterThanDatabase} names after the whole database.
 *
 * @throws AppError `storage_corrupt`.
 */
export function demandWholeDatabase({ path, databaseFile }: DataFolder): void {
  const log = `${databaseFile}-wal`
  const hasLog = isFilled(log)
  const wasUsed = laterThanDatabase.some((name) => existsSync(join(path, name)))
  const size = sizeOf(databaseFile)
  if (size === null && hasLog) {
    throw lost(
      databaseFile,
      `it is gone, and its log ${log} is there. Put it back; or move the log away, too, to begin anew.`,
    )
  }
  if (size === 0 && (hasLog || wasUsed)) {
    throw lost(
      databaseFile,
      'it is empty, and this data folder was used before. ' +
        'Restore a backup with `letta restore`; or remove it, and its log, to begin anew.',
    )
  }
  if (size === null || hasLog || size % leastPage === 0 || isFilled(log)) return
  throw lost(
    databaseFile,
    'its end is missing, or it is no database. Check the disk; restore a backup with `letta restore`, or move the file away to begin anew.',
  )
}

function sizeOf(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.size ?? null
}

function isFilled(file: string): boolean {
  return (sizeOf(file) ?? 0) > 0
}

function lost(location: string, state: string): AppError {
  return new AppError('storage_corrupt', `Cannot open the database ${location}: ${state}`, {
    data: { location },
  })
}
