import type { AppError } from '../errors/app-error.ts'
import type { Json, JsonObject } from '../util/json.ts'
import { toPythonText } from './python-text.ts'

/** An error as the wire carries it. */
export interface WireError {
  readonly status: number
  readonly body: JsonObject
  readonly headers: Readonly<Record<string, string>>
}

/** What unknown errors say: nothing about the inside. */
export const unknownErrorText = 'An unknown error occurred'

/** Statuses after which the official client sends the request again unless it is told not to. */
const retriedStatuses = new Set([408, 409, 429])

/** The answer to a request that failed with `error`, in the body shapes of the original server. */
export function encodeError(error: AppError): WireError {
  const { status } = error
  const retried = retriedStatuses.has(status) || status >= 500
  return {
    status,
    body: { ...encodeBody(error), ...codeOf(error) },
    headers: retried && !error.retryable ? { 'x-should-retry': 'false' } : {},
  }
}

/** The answer to a request that failed for a reason nobody foresaw. */
export function encodeUnknownError(): WireError {
  return { status: 500, body: { detail: unknownErrorText }, headers: { 'x-should-retry': 'false' } }
}

/** Errors whose bodies are compared as a whole by clients of the original. */
const plainCodes = new Set<AppError['code']>(['unauthorized', 'validation_failed', 'internal'])

/** Our stable code, beside what the original says. */
function codeOf(error: AppError): JsonObject {
  return plainCodes.has(error.code) ? {} : { code: error.code }
}

function encodeBody(error: AppError): JsonObject {
  switch (error.code) {
    case 'validation_failed':
      return { trace_id: '', detail: error.message, ...examplesOf(error) }
    case 'invalid_argument':
      return { detail: withCode('INVALID_ARGUMENT', error.message) }
    case 'not_found':
      return { detail: notFoundText(error) }
    case 'conversation_busy':
      return encodeBusy(error.data['run_id'])
    case 'pending_approval':
      return encodePendingApproval(error)
    case 'approval_mismatch':
      return { detail: mismatchText(error) }
    case 'internal':
      return { detail: unknownErrorText }
    default:
      return error.code.startsWith('llm_') ? encodeModelError(error) : { detail: error.message }
  }
}

function examplesOf(error: AppError): JsonObject {
  const examples = error.data['examples']
  return examples === undefined ? {} : { examples }
}

/** Objects by the names of the original; a missing agent has a sentence of its own. */
const modelNames: Readonly<Record<string, string>> = {
  archive: 'Archive',
  block: 'Block',
  conversation: 'Conversation',
  job: 'Job',
  key: 'Key',
  message: 'Message',
  passage: 'ArchivalPassage',
  run: 'Run',
  step: 'Step',
}

function notFoundText(error: AppError): string {
  const { kind, id } = error.data
  if (kind === 'agent') return 'Agent not found'
  const name = typeof kind === 'string' ? modelNames[kind] : undefined
  return name === undefined || typeof id !== 'string'
    ? error.message
    : `${name} not found with id=${id}`
}

function withCode(code: string, message: string): string {
  return message.startsWith(`${code}:`) ? message : `${code}: ${message}`
}

function encodeModelError(error: AppError): JsonObject {
  const detail = error.data['detail']
  return {
    error: {
      type: error.code,
      message: error.message,
      detail: typeof detail === 'string' ? detail : error.message,
    },
  }
}

/** What clients of the original read when a message comes while an approval is awaited. */
export const pendingApprovalText =
  'CONFLICT: Cannot send a new message: The agent is waiting for approval on a tool call. Please approve or deny the pending request before continuing.'

function encodePendingApproval(error: AppError): JsonObject {
  const { message_id: requestId, run_id: runId } = error.data
  return {
    detail: {
      code: 'PENDING_APPROVAL',
      message: pendingApprovalText,
      pending_request_id: requestId ?? null,
    },
    ...(runId !== undefined && { run_id: runId }),
  }
}

function mismatchText(error: AppError): string {
  const { expected, received } = error.data
  return `Invalid tool call IDs. Expected '${toPythonText(expected)}', but received '${toPythonText(received)}'.`
}

function encodeBusy(runId: Json | undefined): JsonObject {
  const start = 'CONFLICT: Cannot send a new message: Another request'
  if (typeof runId !== 'string') {
    return {
      detail: `${start} is currently being processed for this conversation. Please wait for the current request to complete.`,
    }
  }
  return {
    detail: `${start} (run_id=${runId}) is currently being processed for this conversation. Please wait for it to complete.`,
    run_id: runId,
  }
}
