import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A program to run. */
export interface Command {
  /** A script for this Node, and its arguments. */
  readonly parameters: readonly string[]
  readonly folder: string
  /** The whole environment. */
  readonly environment: NodeJS.ProcessEnv
}

/** A running program whose output is read line by line. */
export interface Running {
  readonly pid: number
  /** Milliseconds of `performance.now()` when it was started. */
  readonly begunAt: number
  /** Resolves with the first line of standard output that matches; rejects when the program ends before. */
  line(pattern: RegExp, deadlineMs?: number): Promise<string>
  /** What it wrote to standard error so far, its end only. */
  errors(): string
  /** Sends a signal and waits for the end; `SIGKILL` follows when it takes longer than 10 s. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Resolves when it has ended and its output is read. */
  readonly ended: Promise<void>
  /** Whether it has ended. */
  hasEnded(): boolean
}

/** Starts programs and ends every one of them, by its id, at the latest when this process ends. */
export class Processes implements AsyncDisposable {
  readonly #children = new Set<ChildProcess>()
  readonly #killAll = (): void => {
    for (const child of this.#children) child.kill('SIGKILL')
  }

  constructor() {
    process.once('exit', this.#killAll)
  }

  /** The ids of those that run now. */
  get pids(): readonly number[] {
    return [...this.#children].flatMap(({ pid }) => (pid === undefined ? [] : [pid]))
  }

  /** Runs a script under this Node; `onLine` sees each line of its standard output. */
  start(command: Command, onLine: (line: string) => void = () => undefined): Running {
    const begunAt = performance.now()
    const child = spawn(process.execPath, command.parameters, {
      cwd: command.folder,
      env: command.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#children.add(child)
    return toRunning({ child, begunAt, onLine, onEnd: () => this.#children.delete(child) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.removeListener('exit', this.#killAll)
    const running = [...this.#children].filter(
      (child) => child.exitCode === null && child.signalCode === null,
    )
    const endings = running.map((child) => once(child, 'exit'))
    this.#killAll()
    await Promise.all(endings)
  }
}

const keptErrors = 4000
const stopDeadlineMs = 10_000

function toRunning(options: {
  readonly child: ReturnType<typeof spawn>
  readonly begunAt: number
  readonly onLine: (line: string) => void
  readonly onEnd: () => void
}): Running {
  const { child, onLine, onEnd } = options
  const { stdout, stderr, pid } = child
  if (stdout === null || stderr === null || pid === undefined) {
    throw new Error('Cannot start the program: it has no process')
  }
  const lines: string[] = []
  const listeners = new Set<() => void>()
  let errors = ''
  let over = false
  stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-keptErrors)
  })
  createInterface({ input: stdout }).on('line', (line) => {
    onLine(line)
    // Only what comes before the first match is looked for again.
    if (lines.length < 100) lines.push(line)
    for (const listener of listeners) listener()
  })
  const ended = once(child, 'close').then(() => {
    over = true
    onEnd()
    for (const listener of listeners) listener()
  })
  return {
    pid,
    begunAt: options.begunAt,
    ended,
    errors: () => errors,
    hasEnded: () => over,
    line: (pattern, deadlineMs = 20_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => finish(new Error(`no line ${pattern} in time: ${errors}`)),
          deadlineMs,
        )
        const look = (): void => {
          const found = lines.find((line) => pattern.test(line))
          if (found !== undefined) finish(found)
          else if (over) finish(new Error(`it ended before it said ${pattern}: ${errors}`))
        }
        const finish = (result: string | Error): void => {
          clearTimeout(timer)
          listeners.delete(look)
          if (typeof result === 'string') resolve(result)
          else reject(result)
        }
        listeners.add(look)
        look()
      }),
    async stop(signal = 'SIGTERM') {
      if (over) return
      child.kill(signal)
      const timer = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs)
      await ended
      clearTimeout(timer)
    },
  }
}
