import { Command, InvalidArgumentError, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CliContext } from '../context.ts'
import { examples } from '../examples.ts'

/** `letta server`: serve the data folder to others. */
export function createServerCommand(context: CliContext): CommandUnknownOpts {
  return new Command('server')
    .description('Serve the agents of the data folder over HTTP, and run what they have to do.')
    .option('--host <address>', 'the address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'the port to listen on, 0 for a free one (default: 8283)', toPort)
    .option('--database <url>', 'a PostgreSQL database (default: the one in the data folder)')
    .addHelpText(
      'after',
      examples([
        ['letta server', 'for this machine only'],
        ['letta server --host 0.0.0.0', 'for others, once `letta keys create` has made a key'],
        ['DATABASE_URL=postgres://letta:secret@db/letta letta server', 'on PostgreSQL'],
      ]),
    )
    .action(async (options) => {
      const { runServer } = await import('../server/run-server.ts')
      const { host, port, database } = options
      await runServer(context, { host, port, databaseUrl: database })
    })
}

function toPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.')
}
