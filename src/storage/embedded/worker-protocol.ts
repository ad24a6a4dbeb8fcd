import { AppError } from '../../errors/app-error.ts'
import { errorCodes, type ErrorCode } from '../../errors/error-codes.ts'
import type { JsonObject } from '../../util/json.ts'
import type { StoreOperation } from '../store.ts'
import type { DatabaseFacts } from './migrate.ts'

/** What a worker is given when it starts. */
export interface WorkerSettings {
  readonly role: 'writer' | 'reader'
  readonly file: string
  readonly backupFolder: string
  readonly processFolder: string
  /** This process's name among those registered in `processFolder`. */
  readonly owner: string
  readonly busyDeadlineMs: number
  readonly now: number
}

/**
 * What is said to a worker. Scopes, inputs and results travel as JSON text: writing and parsing it takes half the time
 * of the structured clone of the same objects.
 */
export type WorkerRequest =
  | { readonly type: 'open' }
  | {
      readonly type: 'call'
      readonly id: number
      readonly name: StoreOperation
      readonly arguments: string
    }
  | { readonly type: 'compact'; readonly id: number; readonly rewrite: boolean }
  | { readonly type: 'checkpoint'; readonly id: number }
  | { readonly type: 'version'; readonly id: number }
  | { readonly type: 'close' }

/** What a worker says. */
export type WorkerReply =
  | { readonly type: 'opened'; readonly description: DatabaseFacts }
  | { readonly type: 'refused'; readonly error: TransferredError }
  | { readonly type: 'results'; readonly results: readonly WorkerResult[] }

/** What came of one call; `json` is null when the operation has no result. */
export type WorkerResult =
  | { readonly id: number; readonly ok: true; readonly json: string | null }
  | { readonly id: number; readonly ok: false; readonly error: TransferredError }

/** An `AppError` as data. */
export interface TransferredError {
  readonly code: ErrorCode
  readonly message: string
  readonly data: JsonObject
  /** The message of what caused it. */
  readonly cause: string | null
}

/** An error as data for another thread. */
export function toTransferred(error: AppError): TransferredError {
  const cause = error.cause instanceof Error ? error.cause.message : null
  return { code: error.code, message: error.message, data: error.data, cause }
}

/** The error that was sent. */
export function fromTransferred(error: TransferredError): AppError {
  const cause = error.cause === null ? {} : { cause: new Error(error.cause) }
  const code = error.code in errorCodes ? error.code : 'storage_failed'
  return new AppError(code, error.message, { data: error.data, ...cause })
}
