import { rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { findServer } from '../../../sdk/src/find-server.ts'
import {
  parseServerFile,
  renderServerFile,
  type ServerFile,
  serverFilePath,
} from '../../../sdk/src/server-file.ts'
import { loadSettings, type Settings } from '../../config/load-settings.ts'
import { readFileIfPresent, writePrivateFile } from '../../config/platform.ts'
import { version } from '../../config/version.ts'
import { settingDefinitions } from '../../config/setting-definitions.ts'
import { CliError, exitCodes } from '../cli-error.ts'
import type { CliContext, RunningServer } from '../context.ts'

/** How long running turns may go on after the server was asked to stop, in milliseconds. */
const stopDeadlineMs = 10_000

/** What `letta server` was asked. */
export interface ServerArguments {
  readonly host: string | undefined
  readonly port: number | undefined
  /** A PostgreSQL database instead of the one in the data folder. */
  readonly databaseUrl: string | undefined
  /** A module with tools; its path counts from the folder the command was called in. */
  readonly tools?: string | undefined
  /** End after so many minutes without work; 0 = never. Default: 0. */
  readonly idleExit?: number | undefined
}

/** Serves until the process is asked to end; a second request ends it at once. */
export async function runServer(context: CliContext, options: ServerArguments): Promise<void> {
  const settings = loadServerSettings(context, options)
  // Before anything is announced: whoever reads where the server listens may ask it to end at once.
  const termination = awaitTermination(context)
  try {
    await serve(context, settings, {
      asked: termination.asked,
      idleMs: (options.idleExit ?? 0) * 60_000,
    })
  } finally {
    termination.stopListening()
  }
}

/**
 * The settings of a server with what its command was told.
 *
 * @throws CliError when the database is no URL, and AppError as `loadSettings` does.
 */
export function loadServerSettings(context: CliContext, options: ServerArguments): Settings {
  requireDatabaseUrl(options.databaseUrl)
  const { host, port, databaseUrl, tools } = options
  const toolsModule = tools === undefined ? undefined : resolve(context.folder, tools)
  return loadSettings(context.environment, { host, port, databaseUrl, toolsModule })
}

/** What ends a server. */
interface ServerEnd {
  readonly asked: Promise<void>
  /** How long it may have nothing to do, in milliseconds; 0 = for ever. */
  readonly idleMs: number
}

async function serve(context: CliContext, settings: Settings, end: ServerEnd): Promise<void> {
  await refuseSecondServer(settings.home)
  const server = await context.product.startServer(settings)
  const file = toServerFile(server)
  try {
    writePrivateFile(serverFilePath(settings.home), renderServerFile(file))
    context.stdout.write(
      `Letta ${version} listens on ${server.url} (data: ${server.location ?? settings.home})\n`,
    )
    await awaitEnd(context, server, end)
  } finally {
    removeServerFile(settings.home, server.instanceId)
    await server.stop({ deadlineMs: stopDeadlineMs })
  }
}

/** Commands find one server for a data folder; a second one would hide the first. */
async function refuseSecondServer(home: string): Promise<void> {
  const present = await findServer({ dataFolder: home, version, fetch: globalThis.fetch })
  if (present === null) return
  throw new CliError(
    `Cannot start a server: one serves this data folder already, at ${present.url} (process ${present.pid}). ` +
      'Use that one, end it with `letta server stop`, or choose another folder with LETTA_HOME.',
  )
}

/** Resolves when the server is asked to end, or had nothing to do for long enough. */
async function awaitEnd(
  context: CliContext,
  server: RunningServer,
  { asked, idleMs }: ServerEnd,
): Promise<void> {
  if (idleMs === 0 || server.untilIdle === undefined) return asked
  const done = new AbortController()
  const idle = server.untilIdle({ forMs: idleMs, signal: done.signal }).then(
    () => context.stderr.write(`Nothing to do for ${idleMs / 60_000} minutes: stopping.\n`),
    (error: unknown) => {
      if (!done.signal.aborted) throw error
    },
  )
  try {
    await Promise.race([asked, idle])
  } finally {
    done.abort()
  }
}

/** The URL is never repeated: it may hold a password. */
function requireDatabaseUrl(url: string | undefined): void {
  const { schema, allowed } = settingDefinitions.databaseUrl
  if (url === undefined || schema().safeParse(url).success) return
  throw new CliError(`Cannot use the value of --database: it is not ${allowed}.`, exitCodes.usage)
}

function toServerFile(server: RunningServer): ServerFile {
  const { url, instanceId, token } = server
  return { url, instanceId, token, pid: process.pid, version }
}

/** `asked` resolves when the process is asked to end; `main.ts` ends it at once when it is asked again. */
function awaitTermination(context: CliContext): {
  readonly asked: Promise<void>
  stopListening(): void
} {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stopListening = context.onTermination((signal) => {
    stopListening()
    context.stderr.write(`${signal}: stopping; once more stops at once.\n`)
    resolve()
  })
  return { asked: promise, stopListening }
}

/** Removes the file unless another server has put its own there meanwhile. */
function removeServerFile(home: string, instanceId: string): void {
  const path = serverFilePath(home)
  const file = parseServerFile(readFileIfPresent(path) ?? '')
  if (file?.instanceId === instanceId) rmSync(path, { force: true })
}
