/** What the exit codes of every command mean. */
export const exitCodes = {
  /** The command did what it was asked. */
  ok: 0,
  /** It could not: the run failed, the object does not exist, a check did not pass. */
  failed: 1,
  /** It was called wrongly; nothing was done. */
  usage: 2,
  /** The agent waits for somebody to allow or to answer a tool call. */
  pending: 3,
  /** It was interrupted with Ctrl-C. */
  interrupted: 130,
} as const

/** A command that ends early: one sentence for people and an exit code for programs. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message)
    this.exitCode = exitCode
  }
}

/** A command that was called wrongly. */
export function usageError(message: string): CliError {
  return new CliError(message, exitCodes.usage)
}
