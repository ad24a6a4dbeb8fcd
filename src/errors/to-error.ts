import { AppError } from './app-error.ts'

/** What was thrown as an `Error`: itself when it is one, else an `internal` error that says what was attempted. */
export function toError(thrown: unknown, attempt: string): Error {
  if (thrown instanceof Error) return thrown
  return new AppError('internal', `Cannot ${attempt}: ${String(thrown)}.`, { cause: thrown })
}
