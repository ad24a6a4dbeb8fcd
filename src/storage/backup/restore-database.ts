import { randomUUID } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createPrivateFolder } from '../../config/platform.ts'
import { AppError } from '../../errors/app-error.ts'
import { Connection } from '../embedded/connection.ts'
import { openDataFolder, type DataFolder } from '../embedded/data-folder.ts'
import { listOwners, lockProcess, ownerStateIn } from '../embedded/process-lock.ts'
import { toStorageError } from '../embedded/sqlite-error.ts'
import { asText } from '../engine/sql-value.ts'
import { copyInto } from './backup-database.ts'
import { checkDatabaseFile, syncPath, type DatabaseFileFacts } from './database-file.ts'

/** A database that was put back. */
export interface RestoreReport extends DatabaseFileFacts {
  readonly folder: string
  /** Where the database that was there before is kept; null = there was none. */
  readonly kept: string | null
  /** Receipts of the database that was there which the backup lacks: what they had removed may be back. Oldest first. */
  readonly undone: readonly string[]
}

/**
 * Puts the database of a backup into a data folder. The file is checked first, and what is in the folder is kept
 * beside it; a crash leaves either the one or the other.
 *
 * Throws `storage_busy` while another process has the folder open, `not_found` without a backup, else a storage error.
 */
export function restoreDatabase(options: {
  readonly folder: string
  readonly file: string
  readonly now: number
}): RestoreReport {
  const file = resolve(options.file)
  if (!existsSync(file)) {
    throw new AppError(
      'not_found',
      `Cannot find the backup ${file}: there is no such file. Check the name.`,
      { data: { location: file } },
    )
  }
  const folder = openDataFolder(options.folder)
  const lock = lockProcess(folder.processFolder)
  const part = `${folder.databaseFile}.${randomUUID().slice(0, 8)}.part`
  try {
    refuseOthers(folder, lock.owner)
    copyFileSync(file, part)
    chmodSync(part, 0o600)
    const facts = checkDatabaseFile(part)
    const undone = listUndone(folder.databaseFile, part)
    syncPath(part)
    const kept = keepPresent(folder, options.now)
    renameSync(part, folder.databaseFile)
    syncPath(folder.path)
    return { folder: folder.path, kept, undone, ...facts }
  } catch (error) {
    throw toStorageError(error, folder.path)
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(part + suffix, { force: true })
    lock.release()
  }
}

/** The receipts of forgettings that one database has and the other one lacks. */
function listUndone(presentFile: string, restoredFile: string): readonly string[] {
  const known = new Set(readReceiptIds(restoredFile))
  return readReceiptIds(presentFile).filter((id) => !known.has(id))
}

function readReceiptIds(file: string): readonly string[] {
  if (statSync(file).size === 0) return []
  const connection = new Connection(file)
  try {
    const hasReceipts = `SELECT 1 FROM sqlite_schema WHERE name = 'forget_receipts'`
    if (connection.get(hasReceipts) === undefined) return []
    return connection
      .all('SELECT id FROM forget_receipts ORDER BY created_at, id')
      .map(([id]) => asText(id))
  } finally {
    connection.close()
  }
}

function refuseOthers(folder: DataFolder, own: string): void {
  const others = listOwners(folder.processFolder).filter((owner) => owner !== own)
  if (!others.some((owner) => ownerStateIn(folder.processFolder, owner) === 'alive')) return
  throw new AppError(
    'storage_busy',
    `Cannot restore into ${folder.path}: another process has it open. Stop that process first.`,
    { data: { location: folder.path } },
  )
}

/** Copies the present database away, and empties its log, which must not be applied to the restored one. */
function keepPresent(folder: DataFolder, now: number): string | null {
  if (statSync(folder.databaseFile).size === 0) return null
  createPrivateFolder(folder.backupFolder)
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, '-')
  const name = `before-restore-${stamp}-${randomUUID().slice(0, 8)}.db`
  const kept = join(folder.backupFolder, name)
  copyInto(folder.databaseFile, kept)
  chmodSync(kept, 0o600)
  syncPath(kept)
  const connection = new Connection(folder.databaseFile)
  try {
    connection.exec('PRAGMA journal_mode = DELETE')
  } finally {
    connection.close()
  }
  return kept
}
