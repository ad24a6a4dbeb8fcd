import { rmSync } from 'node:fs'
import {
  parseServerFile,
  renderServerFile,
  type ServerFile,
  serverFilePath,
} from '../../../sdk/src/server-file.ts'
import { loadSettings } from '../../config/load-settings.ts'
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
}

/** Serves until the process is asked to end; a second request ends it at once. */
export async function runServer(context: CliContext, options: ServerArguments): Promise<void> {
  requireDatabaseUrl(options.databaseUrl)
  const settings = loadSettings(context.environment, options)
  // Before anything is announced: whoever reads where the server listens may ask it to end at once.
  const termination = awaitTermination(context)
  try {
    await serve(context, settings, termination.asked)
  } finally {
    termination.stopListening()
  }
}

async function serve(
  context: CliContext,
  settings: ReturnType<typeof loadSettings>,
  asked: Promise<void>,
): Promise<void> {
  const server = await context.product.startServer(settings)
  const file = toServerFile(server)
  try {
    writePrivateFile(serverFilePath(settings.home), renderServerFile(file))
    context.stdout.write(
      `Letta ${version} listens on ${server.url} (data: ${server.location ?? settings.home})\n`,
    )
    await asked
  } finally {
    removeServerFile(settings.home, server.instanceId)
    await server.stop({ deadlineMs: stopDeadlineMs })
  }
}

/** The URL is never repeated: it may hold a password. */
function requireDatabaseUrl(url: string | undefined): void {
  const { schema, allowed } = settingDefinitions.databaseUrl
  if (url === undefined || schema.safeParse(url).success) return
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
