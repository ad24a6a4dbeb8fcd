import { AppError, errorMessage, isAppError } from '../../errors/app-error.ts'
import type { ErrorCode } from '../../errors/error-codes.ts'

/** The primary result codes of SQLite that say what happened to the file rather than to the statement. */
const resultCodes = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  constraint: 19,
  notDatabase: 26,
} as const

/** Room for the file that connections share was not to be had: an input-output error by its number, a full disk by its cause. */
const noSharedMemory = 4874

/** The result code of an error of the driver without its extended part; undefined for any other error. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  if (error.errcode === noSharedMemory) return resultCodes.full
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

/** Whether another connection holds the lock that was asked for. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error)
  return code === resultCodes.busy || code === resultCodes.locked
}

/** Whether the disk failed in a way after which nothing can be promised about what was written. */
export function isDiskFailure(error: unknown): boolean {
  return resultCode(error) === resultCodes.inputOutput
}

/** Whether an error says that nothing can be written where something may be read all the same. */
export function isUnwritable(error: unknown): error is AppError {
  return isAppError(error, 'storage_full') || isAppError(error, 'storage_read_only')
}

/** Anything thrown on the way to the file as the error the store promises; `AppError` stays as it is. */
export function toStorageError(error: unknown, location: string): AppError {
  if (error instanceof AppError) return error
  const entry = describe(resultCode(error) ?? systemCode(error), error)
  return new AppError(entry.code, `Cannot use the database ${location}: ${entry.state}`, {
    cause: error,
    data: { location },
  })
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}

function describe(
  code: number | string | undefined,
  error: unknown,
): { readonly code: ErrorCode; readonly state: string } {
  switch (code) {
    case resultCodes.busy:
    case resultCodes.locked:
      return {
        code: 'storage_busy',
        state: 'another process keeps it locked. Try again, or stop that process.',
      }
    case resultCodes.readOnly:
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return {
        code: 'storage_read_only',
        state: 'it cannot be written. Make the data folder writable, or choose another one.',
      }
    case resultCodes.full:
    case 'ENOSPC':
    case 'EDQUOT':
      return { code: 'storage_full', state: 'the disk is full. Free some space and try again.' }
    case resultCodes.corrupt:
    case resultCodes.notDatabase:
      return {
        code: 'storage_corrupt',
        state:
          'the file or its disk is damaged, or it is not a database. Check the disk; restore a backup, or move the file away to begin anew.',
      }
    case resultCodes.constraint:
      return {
        code: 'conflict',
        state: 'an object with the same identifier exists. Use another identifier.',
      }
    case resultCodes.cannotOpen:
      return {
        code: 'storage_failed',
        state: 'the file cannot be opened. Check the path and its permissions.',
      }
    default:
      return { code: 'storage_failed', state: `${errorMessage(error)}. Look at the log.` }
  }
}
