import { AppError } from '../../errors/app-error.ts'

/** The error for any operation after the store was closed. */
export function storeClosed(location: string): AppError {
  return new AppError(
    'storage_closed',
    `Cannot use the database ${location}: the store has been closed. Open it again.`,
    { data: { location } },
  )
}

/** The error for a write that did not get the lock before its deadline. */
export function lockedTooLong(location: string): AppError {
  return new AppError(
    'storage_busy',
    `Cannot write to the database ${location}: another process keeps it locked. Try again, or stop that process.`,
    { data: { location } },
  )
}
