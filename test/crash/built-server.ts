import { once } from 'node:events'
import { startServer, type ServerProcess } from '../main-job/start-server.ts'
import type { LoopDisk } from './loop-disk.ts'

/** A built server that can be killed without warning and started again on the same data. */
export interface BuiltServer {
  /** Where it listens now; resolves when it is up. */
  url(): Promise<string>
  /** Kills it with SIGKILL and starts it again; resolves when it listens. It loses its power together with `disk`. */
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

/** Starts a built server on a free port. */
export async function startBuiltServer(options: BuiltServerOptions): Promise<BuiltServer> {
  let running: Promise<ServerProcess> = startServer(options.main, options.environment)
  await running

  async function current(): Promise<ServerProcess['process']> {
    const { process: child } = await running
    if (child.exitCode === null && child.signalCode === null) return child
    throw new Error(`The server ended by itself (${child.exitCode ?? child.signalCode})`)
  }

  async function kill(): Promise<void> {
    const child = await current()
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  return {
    url: async () => (await running).url,
    async killAndRestart(disk) {
      if (disk !== undefined) {
        // Nobody computes without power. A server that went on would be told "stored" by a disk that is gone: ext4 answers
        // a sync that was under way at its shutdown with success, though nothing was written.
        ;(await current()).kill('SIGSTOP')
        await disk.cutPower()
      }
      await kill()
      await disk?.powerUp()
      running = startServer(options.main, options.environment)
      await running
    },
    end: kill,
  }
}
