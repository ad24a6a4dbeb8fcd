import { APIConnectionError, APIError, APIUserAbortError } from '@letta-ai/letta-client'

/** What a {@link LettaError} carries besides its code and message. */
export interface LettaErrorOptions {
  /** The HTTP status, when a server answered. */
  readonly status?: number | null
  /** The run that failed, when the message had been accepted. */
  readonly runId?: string | null
  /** The error that caused this one. */
  readonly cause?: unknown
}

/**
 * What every operation of the client throws.
 *
 * Branch on {@link LettaError.code}: the codes of docs/errors.md, and `aborted`, `no_answer`, `pending_approval` and
 * `product_missing` of the client itself.
 */
export class LettaError extends Error {
  override readonly name: string = 'LettaError'
  /** The stable code. */
  readonly code: string
  /** The HTTP status; null when no server answered, or the run failed after it was accepted. */
  readonly status: number | null
  /** The run that failed. Not null means that the message is stored and {@link Client.retry} can go on. */
  readonly runId: string | null

  constructor(code: string, message: string, options: LettaErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = options.status ?? null
    this.runId = options.runId ?? null
  }
}

/** Codes for replies that name none. */
const codesOfStatus: Readonly<Record<number, string>> = {
  400: 'invalid_argument',
  401: 'unauthorized',
  402: 'llm_insufficient_credits',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  409: 'conflict',
  410: 'gone',
  413: 'payload_too_large',
  422: 'validation_failed',
  429: 'llm_rate_limit',
  501: 'not_supported',
}

/** Turns whatever the official client threw into a {@link LettaError}; one that is already comes back unchanged. */
export function toLettaError(error: unknown, runId: string | null = null): LettaError {
  if (error instanceof LettaError) return error
  if (error instanceof APIUserAbortError || isAbort(error)) {
    return new LettaError('aborted', 'The request was cancelled.', { cause: error, runId })
  }
  if (error instanceof APIConnectionError) {
    const message =
      `Cannot reach the server: ${rootMessage(error)}. ` +
      'Start it with `letta server`, or correct its address (LETTA_BASE_URL).'
    return new LettaError('server_unreachable', message, { cause: error, runId })
  }
  if (error instanceof APIError) return fromReply(error, runId)
  return new LettaError('internal', rootMessage(error), { cause: error, runId })
}

function fromReply(error: APIError, runId: string | null): LettaError {
  const body = asRecord(error.error)
  const failure = asRecord(body['error'])
  const nested = asRecord(body['detail'])
  const status = error.status ?? null
  const code =
    firstText(body['code'], nested['code'], body['error_type'], failure['type'])?.toLowerCase() ??
    codesOfStatus[status ?? 0] ??
    'internal'
  // A run's error has a fixed sentence that clients know by heart as message; what happened stands in its detail.
  const message =
    firstText(body['detail'], nested['message'], failure['detail'], body['message']) ??
    firstText(failure['message']) ??
    error.message
  return new LettaError(codeOfRefusal(code, message), withoutPrefix(message), {
    status,
    runId: firstText(body['run_id']) ?? runId,
    cause: error,
  })
}

/** In a stream the wire has one type for every refusal; that an answer comes first stands in the sentence alone. */
export function codeOfRefusal(code: string, message: string): string {
  return message.includes('waiting for approval on a tool call') ? 'pending_approval' : code
}

/** The wire puts `INVALID_ARGUMENT: ` and the like before sentences; the code says that already. */
function withoutPrefix(message: string): string {
  return message.replace(/^[A-Z][A-Z_]+: /, '')
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

function rootMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error.cause instanceof Error ? rootMessage(error.cause) : ''
  return inner === '' ? error.message.replace(/\.$/, '') : inner
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value) => typeof value === 'string' && value !== '') as string | undefined
}
