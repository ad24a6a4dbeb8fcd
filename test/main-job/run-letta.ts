import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The program from source. */
export const mainSource = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** What a run of the program left behind. */
export interface LettaResult {
  /** The exit code, or the name of the signal that ended it. */
  readonly code: number | string | null
  readonly stdout: string
  readonly stderr: string
}

/** Where and how the program runs. */
export interface LettaOptions {
  readonly home: string
  /** The working folder; each has its own conversation. Default: the data folder. */
  readonly cwd?: string
  /** Further variables of the environment; nothing is inherited but PATH and Node's cache of compiled code. */
  readonly environment?: Readonly<Record<string, string>>
  /** Text for standard input; without it standard input is empty. */
  readonly input?: string
  /** The program's main file. Default: {@link mainSource}. */
  readonly main?: string
}

/** What a program of the tests takes over of their environment: PATH and Node's cache of compiled code. */
export function inherited(): NodeJS.ProcessEnv {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  return { PATH, NODE_COMPILE_CACHE }
}

/** Runs the program in a process of its own and collects what it prints. */
export function runLetta(options: LettaOptions, ...args: readonly string[]): Promise<LettaResult> {
  const child = spawn(process.execPath, [options.main ?? mainSource, ...args], {
    cwd: options.cwd ?? options.home,
    env: { ...inherited(), LETTA_HOME: options.home, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: 60_000,
  })
  child.stdin.end(options.input ?? '')
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code: code ?? signal, stdout, stderr }))
  })
}

/** A data folder of its own; dispose of it with `using`. */
export function createTemporaryHome(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'letta-main-job-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
