import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { AppError } from '../../errors/app-error.ts'
import { connectToRead } from '../embedded/connect-to-read.ts'
import { findDataFolder } from '../embedded/data-folder.ts'
import { demandWholeDatabase } from '../embedded/lost-database.ts'
import { syncPath } from '../embedded/snapshot.ts'
import { toStorageError } from '../embedded/sqlite-error.ts'
import { checkDatabaseFile, type DatabaseFileFacts } from './database-file.ts'

/** How long a backup waits for a writer, in milliseconds. */
const lockTimeoutMs = 5000

/** A backup that was made. */
export interface BackupReport extends DatabaseFileFacts {
  readonly file: string
  readonly bytes: number
}

/**
 * Writes the database of a data folder into one file while others may go on writing to it: the file holds one state of
 * everything that was acknowledged when it began. It is checked before it gets its name. The folder need not be writable: a full
 * disk is a reason to move.
 *
 * Throws `conflict` when the file exists, `not_found` when the folder has no database, else a storage error.
 */
export function backupDatabase(options: {
  readonly folder: string
  readonly file: string
}): BackupReport {
  const source = join(resolve(options.folder), 'letta.db')
  const file = resolve(options.file)
  requireSource(source)
  demandWholeDatabase(findDataFolder(options.folder))
  if (existsSync(file)) {
    throw new AppError(
      'conflict',
      `Cannot write the backup ${file}: a file of that name exists. Choose another name.`,
      { data: { location: file } },
    )
  }
  const part = `${file}.${randomUUID().slice(0, 8)}.part`
  try {
    copyInto(source, part)
    chmodSync(part, 0o600)
    const facts = checkDatabaseFile(part, source)
    syncPath(part)
    renameSync(part, file)
    syncPath(dirname(file))
    return { file, bytes: statSync(file).size, ...facts }
  } catch (error) {
    throw toStorageError(error, file)
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(part + suffix, { force: true })
  }
}

/** Writes one state of a database into a new file. */
function copyInto(source: string, target: string): void {
  const connection = connectToRead(source, { timeout: lockTimeoutMs })
  try {
    connection.run('VACUUM INTO ?', target)
  } finally {
    connection.close()
  }
}

function requireSource(source: string): void {
  if (existsSync(source)) return
  throw new AppError(
    'not_found',
    `Cannot find a database in ${dirname(source)}: there is none yet. Check the data folder.`,
    { data: { location: source } },
  )
}
