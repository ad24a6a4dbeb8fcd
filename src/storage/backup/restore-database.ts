import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { AppError } from '../../errors/app-error.ts'
import { Connection } from '../embedded/connection.ts'
import { openDataFolder, type DataFolder } from '../embedded/data-folder.ts'
import { requireKnown } from '../embedded/migrate.ts'
import { listOwners, lockProcess, ownerStateIn } from '../embedded/process-lock.ts'
import { syncPath } from '../embedded/snapshot.ts'
import { toStorageError } from '../embedded/sqlite-error.ts'
import { migrations } from '../migrations/migrations.ts'
import { checkDatabaseFile, type DatabaseFileFacts } from './database-file.ts'
import { keepPresent, readReceiptIds } from './keep-present.ts'

/** A database that was put back. */
export interface RestoreReport extends DatabaseFileFacts {
  readonly folder: string
  /** Where the database that was there before is kept; null = there was none. */
  readonly kept: string | null
  /** Whether that could not be read: then it is kept byte for byte, and its receipts are not known. */
  readonly damaged: boolean
  /** Receipts of the database that was there which the backup lacks: what they had removed may be back. Oldest first. */
  readonly undone: readonly string[]
}

/**
 * Puts the database of a backup into a data folder. The file is checked first, and what is in the folder is kept
 * beside it; a crash leaves either the one or the other.
 *
 * Throws `storage_busy` while another process has the folder open, `not_found` without a backup, `storage_newer` for one of
 * a newer program, else a storage error.
 */
export function restoreDatabase(options: {
  readonly folder: string
  readonly file: string
  readonly now: number
}): RestoreReport {
  const file = resolve(options.file)
  requireFile(file)
  const folder = openDataFolder(options.folder)
  const lock = lockProcess(folder.processFolder)
  const part = `${folder.databaseFile}.${randomUUID().slice(0, 8)}.part`
  try {
    refuseOthers(folder, lock.owner)
    removeLeft(folder)
    copyWithLog(file, part)
    const facts = checkDatabaseFile(part, file)
    requireKnown(file, facts.schemaVersion, migrations.at(-1)?.number ?? 0)
    const known = readReceiptsOf(part)
    syncPath(part)
    const { kept, damaged, receipts } = keepPresent(folder, options.now)
    renameSync(part, folder.databaseFile)
    syncPath(folder.path)
    const undone = receipts.filter((id) => !known.has(id))
    return { folder: folder.path, kept, damaged, undone, ...facts }
  } catch (error) {
    throw toStorageError(error, folder.path)
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(part + suffix, { force: true })
    lock.release()
  }
}

function requireFile(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.isFile() === true) return
  const state = found === undefined ? 'there is no such file' : 'it is a folder'
  throw new AppError('not_found', `Cannot find the backup ${file}: ${state}. Check the name.`, {
    data: { location: file },
  })
}

/** Removes what a restoring left that was killed: nobody else is in the folder now. */
function removeLeft({ path }: DataFolder): void {
  const left = readdirSync(path).filter((name) => /^letta\.db\.[\da-f]{8}\.part/.test(name))
  for (const name of left) rmSync(join(path, name), { force: true })
}

/** A database file that was copied as it was may have its newest changes in the log beside it. */
function copyWithLog(file: string, part: string): void {
  for (const suffix of ['', '-wal']) {
    if (!existsSync(file + suffix)) continue
    copyFileSync(file + suffix, part + suffix)
    chmodSync(part + suffix, 0o600)
  }
}

function readReceiptsOf(file: string): ReadonlySet<string> {
  const connection = new Connection(file)
  try {
    return new Set(readReceiptIds(connection))
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
