import type { Readable } from 'node:stream'
import { z } from 'zod'
import { readEnvironment } from '../config/environment.ts'
import { exitCodeOfSignal, isErrorCode, isTerminal, onTermination } from '../config/platform.ts'
import { systemReason } from '../errors/system-reason.ts'
import { CliError } from './cli-error.ts'
import type { CliContext, Product } from './context.ts'
import { openStandardInput } from './standard-input.ts'

/** What `main.ts` hands in. */
export interface ProcessOptions {
  readonly product: Product
  /** Whether the command serves others until it is stopped, instead of doing one thing and ending. */
  readonly staysRunning: boolean
  /** Ends the process at once. */
  readonly exit: (code: number) => void
}

/** The context of the real process. */
export function createProcessContext(options: ProcessOptions): CliContext {
  const { stdout, stderr } = process
  let input: Readable | null = null
  endWhenNobodyReads(options)
  // Most values are checked once by a command: to make code for that takes longer than to go step by step.
  z.config({ jitless: !options.staysRunning })
  return {
    environment: readEnvironment(),
    get folder() {
      return currentFolder()
    },
    // Opened only when a command reads it: an opened one keeps the process running.
    get stdin() {
      return (input ??= openStandardInput())
    },
    stdout,
    stderr,
    terminal: {
      stdin: isTerminal('stdin'),
      stdout: isTerminal('stdout'),
      stderr: isTerminal('stderr'),
    },
    product: options.product,
    onTermination: (listener) => listenForTermination(listener, options.exit),
  }
}

/** Asked for by the commands that need it: the others work where there is none. */
function currentFolder(): string {
  try {
    return process.cwd()
  } catch (error) {
    if (!isErrorCode(error, 'ENOENT')) throw error
    throw new CliError('Cannot work in this folder: it was removed. Change to one that exists.')
  }
}

/** The first signal goes to the listener; one that comes after it ends the process at once. */
function listenForTermination(
  listener: (signal: string) => void,
  exit: (code: number) => void,
): () => void {
  const state = { wasAsked: false }
  return onTermination((signal) => {
    if (state.wasAsked) exit(exitCodeOfSignal(signal))
    state.wasAsked = true
    listener(signal)
  })
}

/**
 * `letta … | head -1` is no error: when the reader goes away, the command ends. Output that cannot be written, as on a full
 * disk, is one, told in a sentence; what cannot be said on standard error is said to nobody.
 */
function endWhenNobodyReads({ exit }: ProcessOptions): void {
  const { stdout, stderr } = process
  stderr.on('error', () => undefined)
  stdout.on('error', (error) => {
    if (isErrorCode(error, 'EPIPE')) {
      exit(0)
      return
    }
    stderr.write(`Cannot write the output: ${systemReason(error)}. Write it elsewhere.\n`)
    exit(1)
  })
}
