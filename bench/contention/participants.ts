import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { toServer } from '../harness/api.ts'
import type { LettaOptions } from '../harness/installed-program.ts'
import { type LettaServer, startLettaServer } from '../harness/letta-server.ts'
import type { Running } from '../harness/processes.ts'
import type { BenchmarkContext } from '../harness/run-benchmark.ts'
import type { Ledger } from './ledger.ts'
import { speak } from './speak.ts'

/** One of the processes on the data folder, which can be killed and started again. */
export interface Participant {
  readonly name: string
  /** Kills it without warning and starts it again; resolves when it works again, with the time that took in milliseconds. */
  restart(): Promise<number>
  /** Resolves when what it had to say is said. */
  finish(): Promise<void>
}

/** What every participant gets. */
export interface ParticipantOptions {
  readonly context: BenchmarkContext
  readonly run: LettaOptions
  readonly ledger: Ledger
  readonly conversationIds: readonly string[]
  /** When to say no more, in milliseconds of the clock. */
  readonly until: number
}

/** How long a participant may go on after the last message, in milliseconds. */
const finishDeadlineMs = 30_000

/** A process that works like a command, saying one thing after the other. */
export async function startCommand(
  name: string,
  options: ParticipantOptions,
): Promise<Participant> {
  const { context, run, ledger, conversationIds, until } = options
  const { program, processes } = context
  const script = join(import.meta.dirname, 'command-program.ts')
  const parameters = [script, '--program', program.folder]
  parameters.push('--conversations', conversationIds.join(','), '--until', String(until))
  const environment = { ...program.environment(run), LETTA_SECRET_KEY: secretKey }
  const start = (): Running =>
    processes.start({ parameters, folder: context.workspace.path, environment }, (line) =>
      ledger.addLine(line),
    )
  let running = start()
  await running.line(/"ready"/)
  return {
    name,
    async restart() {
      await running.stop('SIGKILL')
      running = start()
      await running.line(/"ready"/)
      return performance.now() - running.begunAt
    },
    async finish() {
      const late = new AbortController()
      const deadline = sleep(finishDeadlineMs, undefined, { signal: late.signal }).catch(
        () => undefined,
      )
      await Promise.race([running.ended, deadline])
      late.abort()
      if (!running.hasEnded()) throw new Error(`${name} did not end in time`)
      if (running.errors() !== '') throw new Error(`${name} failed: ${running.errors()}`)
    },
  }
}

/** A server with clients that talk to it all the time; `start` begins the talking. */
export interface ServerParticipant extends Participant {
  /** Where it listens now. */
  url(): string
  /** Begins to talk to it. */
  begin(
    speech: Pick<ParticipantOptions, 'conversationIds' | 'until'> & { readonly width: number },
  ): void
  /** Ends it politely. */
  stop(): Promise<void>
}

/** A `letta server` on the data folder. */
export async function startServer(
  options: Pick<ParticipantOptions, 'context' | 'run' | 'ledger'>,
): Promise<ServerParticipant> {
  const { context, run, ledger } = options
  const preload = join(import.meta.dirname, 'time-server-commits.cjs')
  const start = (): Promise<LettaServer> =>
    startLettaServer(context.processes, context.program, {
      ...run,
      preload,
      onLine: (line) => ledger.addLine(line),
    })
  let server = await start()
  let speakers: Promise<unknown> = Promise.resolve()
  return {
    name: 'server',
    url: () => server.url,
    begin({ conversationIds, until, width }) {
      const speech = {
        // The address changes when the server was started again.
        send: (path: string, init: RequestInit) => toServer(server.url)(path, init),
        tell: ledger.add,
        conversationIds,
        until,
      }
      speakers = Promise.all(Array.from({ length: width }, () => speak(speech)))
    },
    async restart() {
      await server.stop('SIGKILL')
      server = await start()
      return server.readyMs
    },
    finish: async () => void (await speakers),
    stop: () => server.stop(),
  }
}

/** Nothing is encrypted with it. */
const secretKey = '0'.repeat(64)
