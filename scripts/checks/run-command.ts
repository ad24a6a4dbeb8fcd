import { spawn } from 'node:child_process'

/** A program to run and what it gets. */
export interface Command {
  readonly file: string
  readonly parameters: readonly string[]
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly shell?: boolean
}

/** What a program left behind. */
export interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const timeLimit = 180_000

/** Runs a program without input to its end. */
export async function run(command: Command): Promise<Result> {
  const child = spawn(command.file, command.parameters, {
    cwd: command.folder,
    env: command.environment,
    shell: command.shell ?? false,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeLimit,
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { code, stdout, stderr }
}

/** Runs a program that has to succeed; the error holds what it printed. */
export async function runWell(command: Command): Promise<Result> {
  const result = await run(command)
  if (result.code === 0) return result
  throw new Error(
    `\`${command.file} ${command.parameters.join(' ')}\` ended with ${result.code}\n` +
      `${result.stdout}${result.stderr}`.trimEnd(),
  )
}
