import { Command, InvalidArgumentError, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta server`: serve the data folder to others. */
export function createServerCommand(context: CliContext): CommandUnknownOpts {
  const command = new Command('server')
    .description('Serve the agents of the data folder over HTTP, and run what they have to do.')
    .option('--host <address>', 'the address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'the port to listen on, 0 for a free one (default: 8283)', toPort)
    .option('--database <url>', 'a PostgreSQL database (default: the one in the data folder)')
    .option('--tools <module>', 'an ES module with tools of your own')
    .option('--idle-exit <minutes>', 'end after that long without work (default: never)', toMinutes)
    .addHelpText(
      'after',
      examples([
        ['letta server', 'for this machine only'],
        ['letta server --host 0.0.0.0', 'for others, once `letta keys create` has made a key'],
        ['DATABASE_URL=postgres://letta:secret@db/letta letta server', 'on PostgreSQL'],
        ['letta server --tools ./my-tools.mjs', 'with tools of your own'],
        ['letta server start', 'in the background'],
      ]),
    )
    .enablePositionalOptions()
    .action(async (options) => {
      const { runServer } = await import('../server/run-server.ts')
      const { host, port, database, tools, idleExit } = options
      await runServer(context, { host, port, databaseUrl: database, tools, idleExit })
    })
  return command
    .addCommand(createStart(context, () => command.opts()))
    .addCommand(createStop(context))
    .addCommand(createStatus(context))
}

/** What `letta server` and `letta server start` both take. */
interface ServerOptions {
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly database?: string | undefined
  readonly tools?: string | undefined
  readonly idleExit?: number | undefined
}

/** Options may also stand before `start`. */
function createStart(context: CliContext, before: () => ServerOptions): CommandUnknownOpts {
  return new Command('start')
    .description('Start a server in the background, wait until it answers and print its address.')
    .option('--host <address>', 'the address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'the port to listen on, 0 for a free one (default: 8283)', toPort)
    .option('--database <url>', 'a PostgreSQL database (default: the one in the data folder)')
    .option('--tools <module>', 'an ES module with tools of your own')
    .option(
      '--idle-exit <minutes>',
      'end after that long without work, 0 = never (default: LETTA_IDLE_EXIT_MINUTES, else 15)',
      toMinutes,
    )
    .addHelpText(
      'after',
      examples([
        ['letta server start', 'does nothing when one runs on the data folder'],
        ['letta server start --idle-exit 0', 'until `letta server stop`'],
      ]),
    )
    .action(async (own: ServerOptions) => {
      const { runStart } = await import('../server/run-background.ts')
      const { host, port, database, tools, idleExit } = { ...before(), ...own }
      await runStart(context, { host, port, databaseUrl: database, tools, idleExit })
    })
}

function createStop(context: CliContext): CommandUnknownOpts {
  return new Command('stop')
    .description('Ask the server of the data folder to end, and wait until it has.')
    .addHelpText('after', examples([['letta server stop', 'what it was doing goes on later']]))
    .action(async () => {
      const { runStop } = await import('../server/run-background.ts')
      await runStop(context)
    })
}

function createStatus(context: CliContext): CommandUnknownOpts {
  return new Command('status')
    .description('Say whether a server runs on the data folder; the exit code is 1 when none does.')
    .option('--json', 'print JSON')
    .addHelpText('after', examples([['letta server status', 'address, process and version']]))
    .action(async (options) => {
      const { runStatus } = await import('../server/run-background.ts')
      await runStatus(context, { json: options.json === true })
    })
}

function toPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.')
}

/** The longest time a timer can wait for, in minutes. */
const longestMinutes = 35_000

function toMinutes(text: string): number {
  const minutes = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && minutes <= longestMinutes) return minutes
  throw new InvalidArgumentError(`Minutes are a number from 0 to ${longestMinutes}.`)
}
