import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findServer } from '../../../sdk/src/find-server.ts'
import type { ServerFile } from '../../../sdk/src/server-file.ts'
import type { Settings } from '../../config/load-settings.ts'
import { createPrivateFolder, ownCommand } from '../../config/platform.ts'
import { version } from '../../config/version.ts'
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { claimStart } from './claim-start.ts'

/** A server in the background. */
export interface BackgroundServer {
  readonly file: ServerFile
  /** Whether this call started it; else it ran already, or another command started it at the same moment. */
  readonly isNew: boolean
}

/** How a server is started in the background. */
export interface SpawnOptions {
  readonly settings: Settings
  /** After how many minutes without work it ends; 0 = never. */
  readonly idleExit: number
}

/** How long a new server has until it answers, in milliseconds. */
const startDeadlineMs = 30_000
const pollMs = 25
/** How long a server that runs has to say so: longer than elsewhere, because two of them would be worse than waiting. */
const answerDeadlineMs = 2_000
const longestLog = 1024 * 1024

/** Where a server in the background writes what it would print. */
export function serverLogPath(home: string): string {
  return join(home, 'server.log')
}

/**
 * The server that runs on the data folder, else a new one in the background, once it answers.
 *
 * @throws CliError with what the server said when it ended instead; LettaError `server_version_differs`.
 */
export async function ensureServer(
  context: CliContext,
  options: SpawnOptions,
): Promise<BackgroundServer> {
  const { home } = options.settings
  const running = await find(home)
  if (running !== null) return { file: running, isNew: false }
  createPrivateFolder(home)
  const claim = join(home, 'server.starting')
  if (!claimStart(claim, process.pid)) return { file: await awaitOther(home), isNew: false }
  try {
    return { file: await start(context, options), isNew: true }
  } finally {
    rmSync(claim, { force: true })
  }
}

function find(home: string): Promise<ServerFile | null> {
  return findServer({ dataFolder: home, version, fetch, deadlineMs: answerDeadlineMs })
}

async function awaitOther(home: string): Promise<ServerFile> {
  const deadline = Date.now() + startDeadlineMs
  while (Date.now() < deadline) {
    const file = await find(home)
    if (file !== null) return file
    await sleep(pollMs)
  }
  throw tooLate(home)
}

async function start(context: CliContext, options: SpawnOptions): Promise<ServerFile> {
  const { home } = options.settings
  const log = openLog(serverLogPath(home))
  let child: ChildProcess
  try {
    child = spawnServer(context, options, log.descriptor)
  } finally {
    closeSync(log.descriptor)
  }
  const ended = once(child, 'exit').then(
    () => 'ended' as const,
    (error: unknown) => {
      throw new CliError(`Cannot start a server in the background: ${String(error)}.`)
    },
  )
  const deadline = Date.now() + startDeadlineMs
  try {
    while (Date.now() < deadline) {
      const outcome = await Promise.race([ended, sleep(pollMs)])
      if (outcome === 'ended') throw endedAtOnce(home, log.length)
      const file = await find(home)
      if (file !== null) return file
    }
  } finally {
    child.unref()
  }
  throw tooLate(home)
}

/** What it is told goes through the environment: the address of a database may hold a password. */
function spawnServer(context: CliContext, options: SpawnOptions, log: number): ChildProcess {
  const { settings, idleExit } = options
  const [file, ...parameters] = ownCommand()
  return spawn(file, [...parameters, 'server', '--idle-exit', String(idleExit)], {
    cwd: settings.home,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log, log],
    env: {
      ...context.environment,
      LETTA_HOME: settings.home,
      LETTA_PORT: String(settings.port),
      ...(settings.host !== null && { LETTA_HOST: settings.host }),
      ...(settings.databaseUrl !== null && { DATABASE_URL: settings.databaseUrl }),
      ...(settings.toolsModule !== null && {
        LETTA_TOOLS: resolve(context.folder, settings.toolsModule),
      }),
    },
  })
}

/** The log goes on, and begins anew when it has become long. */
function openLog(path: string): { readonly descriptor: number; readonly length: number } {
  const descriptor = openSync(path, 'a', 0o600)
  const { size } = fstatSync(descriptor)
  if (size <= longestLog) return { descriptor, length: size }
  ftruncateSync(descriptor)
  return { descriptor, length: 0 }
}

function endedAtOnce(home: string, logLength: number): CliError {
  const path = serverLogPath(home)
  const said = readFileSync(path).subarray(logLength).toString('utf8').trim()
  return new CliError(
    said === ''
      ? `Cannot start a server in the background: it ended without a word. See ${path}.`
      : `Cannot start a server in the background. It said: ${said}`,
  )
}

function tooLate(home: string): CliError {
  return new CliError(
    `Cannot start a server in the background: it does not answer after ${startDeadlineMs / 1000} seconds. ` +
      `See ${serverLogPath(home)}.`,
  )
}
