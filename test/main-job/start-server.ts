import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { inherited } from './run-letta.ts'

/** A server in a process of its own. */
export interface ServerProcess {
  readonly process: ChildProcess
  readonly url: string
}

const startDeadlineMs = 30_000

/** Starts the built server on a free port and waits for the line that says where it listens. */
export async function startServer(
  main: string,
  environment: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [main, 'server', '--port', '0'], {
    env: { ...inherited(), ...environment },
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
