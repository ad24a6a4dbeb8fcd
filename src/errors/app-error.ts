import type { JsonObject } from '../util/json.ts'
import { errorCodes, type ErrorCode } from './error-codes.ts'

/** Everything an {@link AppError} carries besides its code and message. */
export interface AppErrorOptions {
  /** Facts about the error that a program can read; never secrets, never user content. Default: `{}`. */
  readonly data?: JsonObject
  /** The error that caused this one. */
  readonly cause?: unknown
}

/**
 * An expected failure with a stable code, thrown wherever a caller can do something about it.
 *
 * Branch on {@link AppError.code}, never on the message. Messages follow
 * `Cannot <action> <subject>: <state>. <What to do>.`; texts that clients of the original server match are kept
 * verbatim and are named so where they are thrown.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  /** The stable code, a key of `errorCodes`. */
  readonly code: ErrorCode
  /** Facts a program can read. */
  readonly data: JsonObject

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.data = options.data ?? {}
  }

  /** The HTTP status of this error's code. */
  get status(): number {
    return errorCodes[this.code].status
  }

  /** Whether the same request may succeed later without being changed. */
  get retryable(): boolean {
    return errorCodes[this.code].retryable
  }
}

/** Whether `error` is an {@link AppError}, optionally with the given code. */
export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code)
}

/** The message of anything that was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
