import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Connection } from './connection.ts'
import { createPrivateFile } from './data-folder.ts'

/**
 * Writes one state of an open database into a new file that only its owner may read. It has its name when it is whole and
 * on the disk; when it cannot be written nothing of it is left. Throws the driver's error.
 */
export function writeSnapshot(connection: Connection, file: string): void {
  const part = `${file}.part`
  try {
    createPrivateFile(part)
    connection.run('VACUUM INTO ?', part)
    syncPath(part)
    renameSync(part, file)
    syncPath(dirname(file))
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

/** Makes sure that a file, or the names in a folder, survive a power cut. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
