import { CommanderError } from '@commander-js/extra-typings'
import { exitCodes } from './cli-error.ts'
import type { CliContext } from './context.ts'
import { isHeadless, normalizeArguments } from './normalize-arguments.ts'
import { commandNames, createHeadlessProgram, createProgram } from './program.ts'

/**
 * Runs one command line to its end and returns the exit code. Never throws: errors become one sentence on standard
 * error.
 */
export async function runCli(context: CliContext, parameters: readonly string[]): Promise<number> {
  const normalized = normalizeArguments(parameters)
  const program = isHeadless(normalized, commandNames)
    ? createHeadlessProgram(context)
    : createProgram(context)
  try {
    await program.parseAsync([...normalized], { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    return reportError(context, error)
  }
}

async function reportError(context: CliContext, error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  const { describeError } = await import('./describe-error.ts')
  const { message, exitCode } = describeError(error)
  context.stderr.write(`${message}\n`)
  return exitCode
}
