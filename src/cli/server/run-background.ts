import { setTimeout as sleep } from 'node:timers/promises'
import { findServer } from '../../../sdk/src/find-server.ts'
import { readServerFile, type ServerFile } from '../../../sdk/src/server-file.ts'
import { loadSettings } from '../../config/load-settings.ts'
import { askToEnd, hasProcessEnded } from '../../config/platform.ts'
import { printJson, printLines } from '../actions/print.ts'
import { CliError } from '../cli-error.ts'
import type { CliContext } from '../context.ts'
import { loadServerSettings, type ServerArguments } from './run-server.ts'
import { ensureServer, serverLogPath } from './spawn-server.ts'

/** How long a server that was asked to end is waited for, in milliseconds; it lets running turns finish for 10 s. */
const stopDeadlineMs = 20_000
const pollMs = 25
/** How long a server may be too busy to answer before nobody knows whether it is there, in milliseconds. */
const answerDeadlineMs = 20_000

/** Starts a server in the background unless one runs, and prints its address. */
export async function runStart(context: CliContext, options: ServerArguments): Promise<void> {
  const settings = loadServerSettings(context, options)
  const idleExit = options.idleExit ?? settings.idleExitMinutes
  const { file, isNew } = await ensureServer(context, { settings, idleExit })
  const notice = isNew
    ? `Started a server in the background (process ${file.pid}, log ${serverLogPath(settings.home)}).${describeIdle(idleExit)}`
    : `A server runs already (process ${file.pid}); it keeps the options it was started with.`
  context.stderr.write(`${notice}\n`)
  printLines(context, [file.url])
}

function describeIdle(minutes: number): string {
  return minutes === 0 ? '' : ` It ends after ${minutes} minutes without work.`
}

/**
 * Asks the server of the data folder to end and waits until it has; nothing happens when none runs. Rejects with a
 * {@link CliError} when it does not end, or does not even answer in `answerWithinMs` (default: 20 s).
 */
export async function runStop(
  context: CliContext,
  { answerWithinMs = answerDeadlineMs }: { readonly answerWithinMs?: number } = {},
): Promise<void> {
  const { home } = loadSettings(context.environment)
  const file = await findRunning(home, answerWithinMs)
  if (file === null) {
    context.stderr.write(`No server runs on ${home}.\n`)
    return
  }
  askToEnd(file.pid)
  const deadline = Date.now() + stopDeadlineMs
  while (!hasProcessEnded(file.pid)) {
    if (Date.now() > deadline) {
      throw new CliError(
        `Cannot stop the server: process ${file.pid} was asked to end and still runs. Ask again, or end it yourself.`,
      )
    }
    await sleep(pollMs)
  }
  context.stderr.write(`Stopped the server (process ${file.pid}).\n`)
}

/** Says whether a server runs on the data folder. */
export async function runStatus(
  context: CliContext,
  options: { readonly json: boolean },
): Promise<void> {
  const { home } = loadSettings(context.environment)
  const file = await findRunning(home)
  if (options.json) {
    const found = file === null ? null : { url: file.url, pid: file.pid, version: file.version }
    printJson(context, { running: file !== null, home, ...found })
  }
  if (file === null) {
    throw new CliError(`No server runs on ${home}. Start one with \`letta server start\`.`)
  }
  if (options.json) return
  const { url, pid, version } = file
  printLines(context, [`${url} (process ${pid}, version ${version}, data: ${home})`])
}

/**
 * Also one of another version: it counts when it answers with the instance id of its file. Where nobody listens there is
 * none; one that takes the connection and says nothing may be there, and is not taken for absent.
 */
async function findRunning(
  home: string,
  deadlineMs: number = answerDeadlineMs,
): Promise<ServerFile | null> {
  const file = await readServerFile(home)
  if (file === null) return null
  const { version, pid, url } = file
  const until = Date.now() + deadlineMs
  const found = await findServer({ dataFolder: home, version, fetch, deadlineMs })
  if (found !== null || Date.now() < until || hasProcessEnded(pid)) return found
  throw new CliError(
    `Cannot tell whether a server runs on ${home}: process ${pid} at ${url} has not answered for ${deadlineMs / 1000} s. Wait until it is less busy, look at ${serverLogPath(home)}, or end it yourself.`,
  )
}
