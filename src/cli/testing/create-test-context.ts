import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, type Readable } from 'node:stream'
import type { Embedded } from '../../../sdk/src/index.ts'
import type { Environment } from '../../config/environment.ts'
import type { CliContext, Product } from '../context.ts'

/** What a test may set. */
export interface TestContextOptions {
  readonly environment?: Environment
  readonly folder?: string
  readonly stdin?: Readable
  readonly terminal?: Partial<CliContext['terminal']>
  /** Serves the requests of commands. Default: none can be opened. */
  readonly embedded?: Embedded
  readonly startServer?: Product['startServer']
  readonly databases?: Product['databases']
}

/** A context whose output can be read and whose process can be asked to end. */
export interface TestContext {
  readonly context: CliContext
  /** What was written to standard output. */
  stdout(): string
  /** What was written to standard error. */
  stderr(): string
  /** Asks the process to end. */
  terminate(signal: string): void
}

const refuseDatabase = (): Promise<never> =>
  Promise.reject(new Error('Cannot handle databases in this test'))

const absentDatabases: Product['databases'] = {
  migrate: refuseDatabase,
  copy: refuseDatabase,
  backUp: refuseDatabase,
  restore: refuseDatabase,
}

/** A context in a new temporary data folder, without terminals, with empty standard input. */
export function createTestContext(options: TestContextOptions = {}): TestContext {
  const written = { stdout: '', stderr: '' }
  const listeners = new Set<(signal: string) => void>()
  const { embedded } = options
  const home = mkdtempSync(join(tmpdir(), 'letta-cli-'))
  const context: CliContext = {
    environment: { LETTA_HOME: home, ...options.environment },
    folder: options.folder ?? home,
    stdin: options.stdin ?? emptyInput(),
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    terminal: { stdin: false, stdout: false, stderr: false, ...options.terminal },
    product: {
      openEmbedded: () =>
        embedded === undefined
          ? Promise.reject(new Error('Cannot open the product in this test'))
          : Promise.resolve(embedded),
      startServer:
        options.startServer ?? (() => Promise.reject(new Error('Cannot serve in this test'))),
      databases: options.databases ?? absentDatabases,
    },
    onTermination: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return {
    context,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    terminate: (signal) => {
      for (const listener of listeners) listener(signal)
    },
  }
}

function emptyInput(): Readable {
  const stdin = new PassThrough()
  stdin.end()
  return stdin
}
