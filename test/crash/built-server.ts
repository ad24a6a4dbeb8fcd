import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { LoopDisk } from './loop-disk.ts'

/** A built server that can be killed without warning and started again on the same data. */
export interface BuiltServer {
  /** Where it listens now; resolves when it is up. */
  url(): Promise<string>
  /** Kills it with SIGKILL and starts it again; resolves when it listens. `disk` loses its power at the same moment. */
  killAndRestart(disk?: LoopDisk): Promise<void>
  /** Kills it for good. */
  end(): Promise<void>
}

/** How the server is started. */
export interface BuiltServerOptions {
  /** The program's main file. */
  readonly main: string
  readonly environment: Readonly<Record<string, string>>
}

const startDeadlineMs = 30_000

interface Running {
  readonly process: ChildProcess
  readonly url: string
}

/** Starts a built server on a free port. */
export async function startBuiltServer(options: BuiltServerOptions): Promise<BuiltServer> {
  let running: Promise<Running> = launch(options)
  await running

  async function kill({ mayHaveEnded }: { readonly mayHaveEnded: boolean }): Promise<void> {
    const { process: child } = await running
    if (child.exitCode !== null || child.signalCode !== null) {
      if (mayHaveEnded) return
      throw new Error(`The server ended by itself (${child.exitCode ?? child.signalCode})`)
    }
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  return {
    url: async () => (await running).url,
    async killAndRestart(disk) {
      await disk?.cutPower()
      // A server that finds its disk gone may end before it is killed.
      await kill({ mayHaveEnded: disk !== undefined })
      await disk?.powerUp()
      running = launch(options)
      await running
    },
    end: () => kill({ mayHaveEnded: false }),
  }
}

async function launch({ main, environment }: BuiltServerOptions): Promise<Running> {
  const child = spawn(process.execPath, [main, 'server', '--port', '0'], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text))
  }
  const late = AbortSignal.timeout(startDeadlineMs)
  while (child.exitCode === null && !late.aborted) {
    const url = /http:\/\/[\w.[\]:]+:\d+/.exec(printed)?.[0]
    if (url !== undefined) return { process: child, url }
    await Promise.race([
      once(child.stdout, 'data', { signal: late }),
      once(child.stderr, 'data', { signal: late }),
      once(child, 'exit', { signal: late }),
    ])
  }
  child.kill('SIGKILL')
  throw new Error(`The server did not start: ${printed}`)
}
