import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createPrivateFolder, isErrorCode } from '../../config/platform.ts'
import { AppError } from '../../errors/app-error.ts'
import { systemReason } from '../../errors/system-reason.ts'
import { toStorageError } from './sqlite-error.ts'

/** What lies where in a data folder. */
export interface DataFolder {
  readonly path: string
  /** The database itself; SQLite puts two more files beside it. */
  readonly databaseFile: string
  /** The lock files of the processes that have it open. */
  readonly processFolder: string
  /** Copies made before migrations. */
  readonly backupFolder: string
}

/** Linux's numbers of file systems that lie on another machine: locks and memory maps are not reliable there. */
const networkFileSystems: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB2',
  0x5346414f: 'AFS',
  0x73757245: 'Coda',
  0x00c36400: 'Ceph',
  0x01021997: '9p',
}

const databaseName = 'letta.db'

/** Whether a database lies in a folder, which need not exist. */
export function hasDatabase(location: string): boolean {
  return existsSync(join(resolve(location), databaseName))
}

/** Finds or makes a data folder. Throws `home_unusable`, `storage_read_only` or `storage_full`. */
export function openDataFolder(location: string): DataFolder {
  const folder = findDataFolder(location)
  const { path, databaseFile } = folder
  refuseNetwork(path)
  try {
    createPrivateFolder(path)
    accessSync(path, constants.W_OK)
    createPrivateFile(databaseFile)
  } catch (error) {
    throw toFolderError(error, path)
  }
  return folder
}

/** What lies where in a data folder, which is not touched. */
export function findDataFolder(location: string): DataFolder {
  const path = resolve(location)
  return {
    path,
    databaseFile: join(path, databaseName),
    processFolder: join(path, 'processes'),
    backupFolder: join(path, 'backups'),
  }
}

/**
 * Makes an empty file that only its owner may read; SQLite gives its companions the same mode. One that is there is not
 * opened, as closing it would give up the locks that this process has on it (see `findHolding`).
 */
export function createPrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o600))
  } catch (error) {
    if (!isErrorCode(error, 'EEXIST')) throw error
  }
}

function toFolderError(error: unknown, path: string): AppError {
  if (isErrorCode(error, 'EEXIST') || isErrorCode(error, 'ENOTDIR')) {
    return new AppError(
      'home_unusable',
      `Cannot use the data folder ${path}: it is, or lies in, a file. Choose another folder.`,
      { cause: error, data: { location: path } },
    )
  }
  const known = toStorageError(error, path)
  if (known.code !== 'storage_failed') return known
  return new AppError(
    'home_unusable',
    `Cannot make the data folder ${path}: ${systemReason(error)}. Choose another folder.`,
    { cause: error, data: { location: path } },
  )
}

function refuseNetwork(path: string): void {
  if (process.platform !== 'linux') return
  const existing = nearestExisting(path)
  // The kernel's number is 32 bits wide and may come with its sign extended.
  const type = Number(BigInt.asUintN(32, BigInt(statfsSync(existing).type)))
  const name = networkFileSystems[type]
  if (name === undefined) return
  throw new AppError(
    'home_unusable',
    `Cannot keep a database in ${path}: it is on a network file system (${name}), where locks are not reliable. Choose a folder on a local disk.`,
    { data: { location: path, file_system: name } },
  )
}

function nearestExisting(path: string): string {
  let current = path
  while (statSync(current, { throwIfNoEntry: false }) === undefined) {
    const parent = dirname(current)
    if (parent === current) break
    current = parent
  }
  return current
}
