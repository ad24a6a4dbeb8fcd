import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import { isatty } from 'node:tty'
import envPaths from 'env-paths'

/** The name of the folder that holds the data; not `letta`, so that it never mixes with another product's files. */
export const applicationName = 'letta-ts'

const privateFolderMode = 0o700
const privateFileMode = 0o600
const isWindows = process.platform === 'win32'

/** Where this platform keeps the data of an application of ours for the current user. */
export function defaultDataFolder(): string {
  return envPaths(applicationName, { suffix: '' }).data
}

/**
 * Creates a folder that only its owner may enter, with its parents; an existing one keeps its mode. Step by step,
 * because Node's recursive way never returns where a file system answers that no folder can exist, such as /proc.
 */
export function createPrivateFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return
  const parent = dirname(path)
  if (parent !== path) createPrivateFolder(parent)
  try {
    mkdirSync(path, { mode: privateFolderMode })
  } catch (error) {
    if (!isErrorCode(error, 'EEXIST') || !statSync(path).isDirectory()) throw error
  }
}

/**
 * Writes a file that only its owner may read, so that no reader ever sees half of it: to a temporary name beside it,
 * flushed, then moved into place.
 */
export function writePrivateFile(path: string, content: string): void {
  const temporary = writeTemporary(path, content)
  try {
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/**
 * Writes a private file unless there is one, and returns what the file holds afterwards: with two processes at once
 * both get the content of whoever was first.
 */
export function createPrivateFile(path: string, content: string): string {
  const temporary = writeTemporary(path, content)
  try {
    placeOnce(temporary, path)
  } catch (error) {
    if (!isErrorCode(error, 'EEXIST')) throw error
  } finally {
    rmSync(temporary, { force: true })
  }
  return readFileSync(path, 'utf8')
}

function placeOnce(temporary: string, path: string): void {
  try {
    linkSync(temporary, path)
  } catch (error) {
    if (isErrorCode(error, 'EEXIST')) throw error
    // Not every file system has links.
    copyFileSync(temporary, path, constants.COPYFILE_EXCL)
  }
}

/** The text of a file, or null when there is none. Other errors of the file system are thrown. */
export function readFileIfPresent(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return null
    throw error
  }
}

/** Whether a thrown value is a system error with the given code, such as `ENOENT`. */
export function isErrorCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** Whether a process with this id exists on this machine, whoever owns it. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isErrorCode(error, 'EPERM')
  }
}

/** Whether a process has ended, also when whoever started it has not taken notice of that yet. */
export function hasProcessEnded(pid: number): boolean {
  if (!isProcessAlive(pid)) return true
  if (process.platform !== 'linux') return false
  const state = readFileIfPresent(`/proc/${pid}/stat`)?.replace(/^.*\) /s, '')
  return state === undefined || state.startsWith('Z')
}

/** Asks a process to end; on Windows it ends at once. Nothing happens when there is none. */
export function askToEnd(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if (!isErrorCode(error, 'ESRCH')) throw error
  }
}

/** The command line that runs this program once more, without its arguments. */
export function ownCommand(): readonly [file: string, ...parameters: string[]] {
  const [, program] = process.argv
  return [process.execPath, ...process.execArgv, ...(program === undefined ? [] : [program])]
}

/** Whether a standard stream is a terminal. */
export function isTerminal(stream: 'stdin' | 'stdout' | 'stderr'): boolean {
  return isatty({ stdin: 0, stdout: 1, stderr: 2 }[stream])
}

/**
 * Calls `onSignal` when the process is asked to end (Ctrl-C, `kill`, a closed terminal). Returns what stops the
 * listening. Windows knows only Ctrl-C and Ctrl-Break.
 */
export function onTermination(onSignal: (signal: string) => void): () => void {
  const signals: readonly NodeJS.Signals[] = isWindows
    ? ['SIGINT', 'SIGBREAK']
    : ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, onSignal)
  return () => {
    for (const signal of signals) process.off(signal, onSignal)
  }
}

/** The exit code a shell expects from a program that a signal ended. */
export function exitCodeOfSignal(signal: string): number {
  return 128 + ({ SIGHUP: 1, SIGINT: 2, SIGBREAK: 2, SIGTERM: 15 }[signal] ?? 15)
}

/** The file names a shell tries for a command: on Windows one for each executable extension. */
export function executableNames(command: string, pathExtensions: string | undefined): string[] {
  if (!isWindows) return [command]
  return (pathExtensions ?? '.COM;.EXE;.BAT;.CMD').split(';').map((end) => command + end)
}

function writeTemporary(path: string, content: string): string {
  createPrivateFolder(dirname(path))
  const temporary = `${path}.${process.pid}.${randomUUID().slice(0, 8)}.tmp`
  const file = openSync(temporary, 'wx', privateFileMode)
  try {
    writeSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  if (!isWindows) chmodSync(temporary, privateFileMode)
  return temporary
}
