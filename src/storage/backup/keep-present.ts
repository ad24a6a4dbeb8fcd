import { randomUUID } from 'node:crypto'
import { chmodSync, copyFileSync, existsSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createPrivateFolder } from '../../config/platform.ts'
import { Connection } from '../embedded/connection.ts'
import type { DataFolder } from '../embedded/data-folder.ts'
import { syncPath, writeSnapshot } from '../embedded/snapshot.ts'
import { toStorageError } from '../embedded/sqlite-error.ts'
import { asText } from '../engine/sql-value.ts'

/** How long the keeping waits for a writer, in milliseconds. */
const lockTimeoutMs = 5000

/** The database of a data folder, kept beside it. */
export interface KeptDatabase {
  /** Where it is kept; null = there was none. */
  readonly kept: string | null
  /** Whether it could not be read; then it is kept byte for byte. */
  readonly damaged: boolean
  /** Its receipts of forgettings, oldest first; none when they could not be read. */
  readonly receipts: readonly string[]
}

/**
 * Copies the database of a folder away and empties its log, which must not be applied to the one that takes its place.
 * Throws a storage error when a process has it open or the copy cannot be written; then it is as it was.
 */
export function keepPresent(folder: DataFolder, now: number): KeptDatabase {
  const { databaseFile } = folder
  const isEmpty = statSync(databaseFile).size === 0
  if (isEmpty && !existsSync(`${databaseFile}-wal`)) {
    return { kept: null, damaged: false, receipts: [] }
  }
  createPrivateFolder(folder.backupFolder)
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, '-')
  const kept = join(folder.backupFolder, `before-restore-${stamp}-${randomUUID().slice(0, 8)}.db`)
  // A log whose database was lost would be applied to the one that takes its place.
  if (isEmpty) return keepDamaged(folder, kept)
  try {
    return { kept, damaged: false, receipts: copySound(databaseFile, kept) }
  } catch (error) {
    if (toStorageError(error, databaseFile).code !== 'storage_corrupt') throw error
    return keepDamaged(folder, kept)
  }
}

/** The receipts of the forgettings of a database, oldest first. */
export function readReceiptIds(connection: Connection): readonly string[] {
  const hasReceipts = `SELECT 1 FROM sqlite_schema WHERE name = 'forget_receipts'`
  if (connection.get(hasReceipts) === undefined) return []
  return connection
    .all('SELECT id FROM forget_receipts ORDER BY created_at, id')
    .map(([id]) => asText(id))
}

function copySound(databaseFile: string, kept: string): readonly string[] {
  const connection = new Connection(databaseFile, { timeout: lockTimeoutMs })
  try {
    const receipts = readReceiptIds(connection)
    writeSnapshot(connection, kept)
    connection.exec('PRAGMA journal_mode = DELETE')
    return receipts
  } finally {
    connection.close()
  }
}

/** What no longer can be read may still be mended by somebody, with its log. */
function keepDamaged({ databaseFile, backupFolder }: DataFolder, kept: string): KeptDatabase {
  const present = ['', '-wal'].filter((suffix) => existsSync(databaseFile + suffix))
  for (const suffix of present) {
    copyFileSync(databaseFile + suffix, kept + suffix)
    chmodSync(kept + suffix, 0o600)
    syncPath(kept + suffix)
  }
  syncPath(backupFolder)
  for (const suffix of ['-wal', '-shm', '-journal']) rmSync(databaseFile + suffix, { force: true })
  return { kept, damaged: true, receipts: [] }
}
