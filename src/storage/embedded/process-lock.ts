import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createPrivateFolder } from '../../config/platform.ts'
import { AppError } from '../../errors/app-error.ts'
import { createPrivateFile } from './data-folder.ts'
import { isBusy, toStorageError } from './sqlite-error.ts'

/** A process's exclusive lock on a small file of its own, which the kernel frees when the process dies. */
export interface ProcessLock {
  /** The name of the process as lease owner; unique among all that ever open the database. */
  readonly owner: string
  /** Gives the lock back and removes the file. */
  release(): void
}

const ownerPattern = /^process-[0-9a-f-]{36}$/
const suffix = '.lock'
const mostAttempts = 5
/** How long the file may be held by a process that looks whether it is stale, in milliseconds. */
const lockTimeout = 1000

/** Locks a new file for this process in `folder`, which is made when it is missing. Throws a storage error. */
export function lockProcess(folder: string): ProcessLock {
  try {
    createPrivateFolder(folder)
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const lock = tryLock(folder)
      if (lock !== null) return lock
    }
  } catch (error) {
    throw toStorageError(error, dirname(folder))
  }
  throw new AppError(
    'storage_busy',
    `Cannot register in ${folder}: another process removes the file each time. Try again.`,
  )
}

/** Whether the process of that name lives; a file left by a dead one is removed. Takes about a millisecond. */
export function ownerStateIn(folder: string, owner: string): 'alive' | 'dead' | 'unknown' {
  if (!ownerPattern.test(owner)) return 'unknown'
  const file = toFile(folder, owner)
  if (!existsSync(file)) return 'dead'
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    return isBusy(error) ? 'alive' : 'unknown'
  }
  // Removed while locked: a process that has just made the file and waits for its lock notices that it is gone.
  const removed = tryRemove(file)
  database.close()
  if (!removed) tryRemove(file)
  return 'dead'
}

/** The names of the processes that have a file in `folder`, dead ones perhaps included; none when it is gone. */
export function listOwners(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length))
    .filter((owner) => ownerPattern.test(owner))
}

function tryLock(folder: string): ProcessLock | null {
  const owner = `process-${randomUUID()}`
  const file = toFile(folder, owner)
  // SQLite would not say why it could not make it.
  createPrivateFile(file)
  const database = new DatabaseSync(file, { timeout: lockTimeout })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    tryRemove(file)
    throw error
  }
  if (!existsSync(file)) {
    database.close()
    return null
  }
  return {
    owner,
    release() {
      tryRemove(file)
      database.close()
      tryRemove(file)
    },
  }
}

function toFile(folder: string, owner: string): string {
  return join(folder, `${owner}${suffix}`)
}

/** Some systems refuse to remove an open file; then it is removed after it was closed, or by the next process. */
function tryRemove(file: string): boolean {
  try {
    unlinkSync(file)
    return true
  } catch {
    return false
  }
}
