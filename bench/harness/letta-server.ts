import type { InstalledProgram, LettaOptions } from './installed-program.ts'
import type { Processes } from './processes.ts'

/** A running `letta server`. */
export interface LettaServer {
  readonly url: string
  readonly pid: number
  /** From just before the start of the process until `/v1/health/` answered 200, in milliseconds. */
  readonly readyMs: number
  /** Ends it; default: politely. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** What it wrote to standard error, its end only. */
  errors(): string
}

/** How a server runs. */
export interface ServerOptions extends LettaOptions {
  /** A script to load before the program. */
  readonly preload?: string
  /** Sees each line of its standard output. */
  readonly onLine?: (line: string) => void
}

/** Starts a server on a free port. It is asked for its health as soon as it says that it listens. */
export async function startLettaServer(
  processes: Processes,
  program: InstalledProgram,
  options: ServerOptions,
): Promise<LettaServer> {
  const { preload, onLine } = options
  const command = program.letta(['server', '--port', '0'], options)
  const environment =
    preload === undefined
      ? command.environment
      : { ...command.environment, NODE_OPTIONS: `--require=${JSON.stringify(preload)}` }
  const running = processes.start({ ...command, environment }, onLine)
  const line = await running.line(/listens on/)
  const url = /https?:\/\/[^\s]+/.exec(line)?.[0]
  if (url === undefined) throw new Error(`Cannot find the server's address: ${line}`)
  const response = await fetch(`${url}/v1/health/`)
  if (response.status !== 200) throw new Error(`the server's health is ${response.status}`)
  await response.arrayBuffer()
  return {
    url,
    pid: running.pid,
    readyMs: performance.now() - running.begunAt,
    stop: (signal) => running.stop(signal),
    errors: () => running.errors(),
  }
}
