import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../errors/app-error.ts'
import type { Needles } from './search-files.ts'

const program = new URL('./search-process.ts', import.meta.url)

/**
 * The files among these that hold one of the needles, byte by byte; a file that is gone holds none.
 *
 * A process of its own looks: on POSIX, closing a file gives up every lock that its process has on it, those of SQLite, too.
 * The next process to end would then take itself for the last one and throw away the log that this one goes on writing to.
 *
 * @throws AppError `storage_failed`.
 */
export async function findHolding(
  files: readonly string[],
  needles: Needles,
): Promise<readonly string[]> {
  const child = spawn(process.execPath, [fileURLToPath(program)], { windowsHide: true })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve)
  })
  // A program that ends before it has read everything says why on its standard error.
  child.stdin.on('error', () => undefined).end(JSON.stringify({ files, needles }))
  try {
    const [found, said, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
    if (code !== 0) throw new Error(said.trim())
    return JSON.parse(found) as readonly string[]
  } catch (error) {
    throw cannotSearch(error)
  }
}

function cannotSearch(cause: unknown): AppError {
  return new AppError(
    'storage_failed',
    'Cannot tell whether files of the data folder still hold what was forgotten: the program that searches them failed. Look at the log, then forget it again.',
    { cause },
  )
}
