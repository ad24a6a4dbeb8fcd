import { CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { exitCodes } from './cli-error.ts'
import type { CliContext } from './context.ts'
import { isHeadless, normalizeArguments } from './normalize-arguments.ts'
import { commandNames, createHeadlessProgram, createProgram, standsAlone } from './program.ts'

/**
 * Runs one command line to its end and returns the exit code. Never throws: errors become one sentence on standard
 * error.
 */
export async function runCli(context: CliContext, parameters: readonly string[]): Promise<number> {
  const normalized = normalizeArguments(parameters)
  const program = toProgram(context, normalized)
  try {
    await program.parseAsync([...normalized], { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    return reportError(context, error)
  }
}

/** As much of the program as the arguments can ask for. */
function toProgram(context: CliContext, parameters: readonly string[]): CommandUnknownOpts {
  if (isHeadless(parameters, commandNames)) return createHeadlessProgram(context)
  const [first] = parameters
  return createProgram(context, first !== undefined && standsAlone(first) ? first : undefined)
}

async function reportError(context: CliContext, error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  const { describeError } = await import('./describe-error.ts')
  const { message, exitCode } = describeError(error)
  context.stderr.write(`${message}\n`)
  return exitCode
}
