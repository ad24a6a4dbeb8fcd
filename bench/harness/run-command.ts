import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { toMegabytes } from './process-figures.ts'
import type { Command } from './processes.ts'

/** What a finished command left behind. */
export interface CommandResult {
  /** From just before the start of the process until its end was noticed, in milliseconds. */
  readonly milliseconds: number
  readonly stdout: string
}

const deadlineMs = 30_000

/** Runs a command to its end, with nothing on standard input. Rejects when it fails. */
export async function runCommand(command: Command): Promise<CommandResult> {
  const begun = performance.now()
  const child = spawn(process.execPath, command.parameters, {
    cwd: command.folder,
    env: command.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: deadlineMs,
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const milliseconds = await new Promise<number>((resolve, reject) => {
    let noticed = 0
    child.once('error', reject)
    child.once('exit', () => (noticed = performance.now() - begun))
    child.once('close', (code) => {
      if (code === 0) resolve(noticed)
      else reject(new Error(`node ${command.parameters.join(' ')} ended with ${code}: ${stderr}`))
    })
  })
  return { milliseconds, stdout }
}

/**
 * The most memory that a command held at once, in MB.
 *
 * A script loaded before the program reads the kernel's own high-water mark (`VmHWM`) at the program's end. The figure
 * of `getrusage` is not used: the kernel carries it over from the process that started the command.
 */
export async function measurePeak(command: Command, scratch: string): Promise<number> {
  const file = join(scratch, 'peak-memory')
  const script = join(import.meta.dirname, 'peak-memory.cjs')
  await runCommand({
    ...command,
    environment: {
      ...command.environment,
      NODE_OPTIONS: `--require=${JSON.stringify(script)}`,
      LETTA_BENCH_PEAK_FILE: file,
    },
  })
  const kilobytes = Number(readFileSync(file, 'utf8'))
  rmSync(file)
  return toMegabytes(kilobytes)
}
