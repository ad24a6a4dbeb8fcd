import { APICallError } from '@ai-sdk/provider'
import { z } from 'zod'
import { errorMessage } from '../../errors/app-error.ts'
import { errorCodes, type ErrorCode } from '../../errors/error-codes.ts'
import type { Endpoint } from '../endpoint.ts'
import type { ModelFailure } from '../model.ts'
import { parseRetryAfter } from './parse-retry-after.ts'

/** What a failure is about. */
export interface FailureContext {
  readonly handle: string
  readonly endpoint: Endpoint
  /** Whether the provider had begun to answer. */
  readonly hasBegun: boolean
  /** The current time in epoch milliseconds. */
  readonly now: number
}

/** The longest {@link ModelFailure.detail}, in characters. */
const detailLimit = 500

/** Names what a provider package threw or sent as an error. */
export function toModelFailure(error: unknown, context: FailureContext): ModelFailure {
  const detail = toDetail(error, context.endpoint.apiKey)
  const code = toCode(error, context)
  return describeFailure(code, context, {
    detail,
    retryAfterMs: APICallError.isInstance(error)
      ? parseRetryAfter(error.responseHeaders ?? {}, context.now)
      : null,
  })
}

/** A failure with the sentence that belongs to its code. */
export function describeFailure(
  code: ErrorCode,
  context: FailureContext,
  more: { readonly detail: string; readonly retryAfterMs?: number | null },
): ModelFailure {
  const [state, advice] = sentences(code, context)
  return {
    code,
    message: `Cannot get an answer from ${context.handle}: ${state}. ${advice}`,
    detail: more.detail,
    retryable: errorCodes[code].retryable,
    retryAfterMs: more.retryAfterMs ?? null,
  }
}

function sentences(code: ErrorCode, { endpoint }: FailureContext): readonly [string, string] {
  const { definition, url, urlVariable } = endpoint
  const who = endpoint.custom ? url : definition.label
  const key = endpoint.custom ? `the key for ${url}` : (definition.keyVariable ?? 'the key')
  const later = 'Your message is kept; try again in a while.'
  switch (code) {
    case 'llm_authentication':
      return [`${who} rejects the key`, `Check ${key}.`]
    case 'llm_insufficient_credits':
      return [
        `${who} says the account has no credit left`,
        'Add credit there or use another model.',
      ]
    case 'llm_permission_denied':
      return [`${who} does not allow this key to use the model`, 'Use another model or key.']
    case 'llm_not_found':
      return [`${who} does not know the model or the path`, `Check its name and ${urlVariable}.`]
    case 'llm_rate_limit':
      return [`${who} asks to slow down`, later]
    case 'llm_timeout':
      return [`${who} stayed silent for too long`, later]
    case 'llm_unreachable':
      return [`${url} cannot be reached`, `Start the server there or correct ${urlVariable}.`]
    case 'llm_stream_cut':
      return [`${who} ended the connection in the middle of the answer`, later]
    case 'llm_empty_response':
      return [`${who} answered with neither text nor a tool call`, later]
    case 'context_window_exceeded':
      return [`the prompt is longer than the model takes`, 'Use a model with a larger window.']
    case 'llm_bad_request':
      return [`${who} rejects the request`, 'The detail says why.']
    default:
      return [`${who} failed`, later]
  }
}

function toCode(error: unknown, context: FailureContext): ErrorCode {
  if (APICallError.isInstance(error) && error.statusCode !== undefined && !isOk(error)) {
    return codeOfText(errorText(error)) ?? codeOfStatus(error.statusCode)
  }
  const network = codeOfNetwork(error, context.hasBegun)
  if (network !== null) return network
  const text = errorText(error)
  if (text.includes('ended without a finish reason')) return 'llm_stream_cut'
  return codeOfText(text) ?? 'llm_error'
}

function isOk(error: APICallError): boolean {
  return error.statusCode !== undefined && error.statusCode < 400
}

function codeOfStatus(status: number): ErrorCode {
  switch (status) {
    case 401:
      return 'llm_authentication'
    case 402:
      return 'llm_insufficient_credits'
    case 403:
      return 'llm_permission_denied'
    case 404:
    case 405:
      return 'llm_not_found'
    case 408:
    case 504:
      return 'llm_timeout'
    case 413:
      return 'context_window_exceeded'
    case 429:
      return 'llm_rate_limit'
    default:
      return status < 500 ? 'llm_bad_request' : 'llm_error'
  }
}

/**
 * What providers say in words or codes that their status does not tell. A status may be missing altogether, when the
 * error comes inside a stream.
 */
const telling: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /context_length_exceeded|exceed_context_size|maximum context length|context (?:length|window|size)|prompt is too long|input is too long|input length and `?max_tokens|input token count.{0,60}exceeds|too many (?:input )?tokens|request_too_large/i,
    'context_window_exceeded',
  ],
  [
    /insufficient_quota|credit balance is too low|insufficient (?:balance|credit)|billing_error/i,
    'llm_insufficient_credits',
  ],
  [
    /api[ _]key not valid|invalid_api_key|incorrect api key|authentication_error/i,
    'llm_authentication',
  ],
  [/permission_error|permission_denied/i, 'llm_permission_denied'],
  [/rate_limit|resource_exhausted|too many requests/i, 'llm_rate_limit'],
  [/overloaded/i, 'llm_error'],
  [/model_not_found|not_found_error/i, 'llm_not_found'],
]

function codeOfText(text: string): ErrorCode | null {
  return telling.find(([pattern]) => pattern.test(text))?.[1] ?? null
}

const timeoutCodes = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']
const unreachableCodes = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
]
const cutCodes = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_ABORTED']

function codeOfNetwork(error: unknown, hasBegun: boolean): ErrorCode | null {
  const codes = causeCodes(error)
  const has = (known: readonly string[]): boolean => codes.some((code) => known.includes(code))
  if (has(unreachableCodes)) return 'llm_unreachable'
  if (has(timeoutCodes)) return 'llm_timeout'
  const isCut = has(cutCodes) || /^(terminated|other side closed)$/i.test(errorMessage(error))
  if (isCut) return hasBegun ? 'llm_stream_cut' : 'llm_unreachable'
  if (codes.some((code) => /CERT|SSL|TLS/.test(code))) return 'llm_unreachable'
  const isConnecting = APICallError.isInstance(error) && error.statusCode === undefined
  return isConnecting ? 'llm_unreachable' : null
}

const withCode = z.looseObject({ code: z.string() })
const withCause = z.looseObject({ cause: z.unknown() })
const withErrors = z.looseObject({ errors: z.array(z.unknown()) })

/** The codes of an error, its causes and the errors gathered in them. */
function causeCodes(error: unknown, depth = 0): readonly string[] {
  if (error === undefined || error === null || depth > 5) return []
  const own = withCode.safeParse(error)
  const cause = withCause.safeParse(error)
  const gathered = withErrors.safeParse(error)
  return [
    ...(own.success ? [own.data.code] : []),
    ...(cause.success ? causeCodes(cause.data.cause, depth + 1) : []),
    ...(gathered.success ? gathered.data.errors.flatMap((one) => causeCodes(one, depth + 1)) : []),
  ]
}

/** All the words of an error that its code may be told by. */
function errorText(error: unknown): string {
  if (APICallError.isInstance(error)) return `${error.message} ${error.responseBody ?? ''}`
  if (error instanceof Error) return error.message
  return typeof error === 'string' ? error : (JSON.stringify(error) ?? '')
}

const saying = z.looseObject({ message: z.string() })

function toDetail(given: unknown, apiKey: string | null): string {
  const hides = APICallError.isInstance(given) && isOk(given) && given.cause !== undefined
  const error = hides ? given.cause : given
  const said = saying.safeParse(error)
  const text = said.success ? said.data.message : errorText(error)
  const status =
    APICallError.isInstance(error) && error.statusCode !== undefined ? `${error.statusCode} ` : ''
  const clean = withoutKeys(`${status}${text}`.replaceAll(/\s+/g, ' ').trim(), apiKey)
  return clean.length > detailLimit ? `${clean.slice(0, detailLimit - 1)}…` : clean
}

/** A shorter key is a stand-in for a server that needs none, such as `local`, and may be a part of other words. */
const shortestSecret = 8

/** Providers repeat the key they were sent, whole or with stars in its middle. */
function withoutKeys(text: string, apiKey: string | null): string {
  const exact = apiKey === null || apiKey === '' ? text : withoutKey(text, apiKey)
  return exact.replaceAll(/\b(?:sk|gsk|xai|key|AIza)[-_][\w*.-]{6,}|\bAIza[\w-]{20,}/g, '[key]')
}

function withoutKey(text: string, apiKey: string): string {
  if (apiKey.length >= shortestSecret) return text.replaceAll(apiKey, '[key]')
  const alone = `(?<![\\w.-])${RegExp.escape(apiKey)}(?![\\w.-])`
  return text.replaceAll(new RegExp(alone, 'g'), '[key]')
}
