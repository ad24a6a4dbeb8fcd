import type { z } from 'zod'
import { AppError } from '../errors/app-error.ts'
import { toStorable } from '../wire/storable.ts'
import { decodeRequest, validationError } from '../wire/validation.ts'
import type { ApiContext } from './api.ts'

/** The header that says how many characters of a request could not be stored and were taken out. */
export const strippedHeader = 'x-letta-stripped'

/**
 * Reads and checks the JSON body of a request; texts lose NUL characters and lone surrogates, and a header of the answer
 * says so. A request without a body has the value null.
 *
 * @throws AppError `payload_too_large`, `validation_failed`.
 */
export async function readBody<Schema extends z.ZodType>(
  context: ApiContext,
  schema: Schema,
  limit: number,
): Promise<z.infer<Schema>> {
  return decodeBody(context, schema, await readText(context.req.raw, limit))
}

/** Like {@link readBody}; no body, or null, is read as an object without members. */
export async function readOptionalBody<Schema extends z.ZodType>(
  context: ApiContext,
  schema: Schema,
  limit: number,
): Promise<z.infer<Schema>> {
  const text = (await readText(context.req.raw, limit)).trim()
  return decodeBody(context, schema, text === '' || text === 'null' ? '{}' : text)
}

/** Checks a body that was read before; see {@link readBody}. */
export function decodeBody<Schema extends z.ZodType>(
  context: ApiContext,
  schema: Schema,
  text: string,
): z.infer<Schema> {
  const { value, removed } = toStorable(parseJson(text))
  if (removed > 0) context.header(strippedHeader, String(removed))
  return decodeRequest(schema, value, 'body')
}

/**
 * The text of a request, read no further than allowed. Bytes that are not UTF-8 are refused: decoded all the same they would
 * be stored as something that nobody said.
 *
 * @throws AppError `payload_too_large`, `validation_failed`.
 */
export async function readText(request: Request, limit: number): Promise<string> {
  refuseLongBody(request, limit)
  // Asked for first: merely looking at `body` makes the server build a stream for it.
  if (request.headers.has('content-length')) return decodeText(await request.arrayBuffer())
  if (request.body === null) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body) {
    size += chunk.byteLength
    if (size > limit) throw tooLong(limit)
    chunks.push(chunk)
  }
  return decodeText(Buffer.concat(chunks))
}

function decodeText(bytes: Uint8Array | ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw invalidJson('The body is not encoded as UTF-8', 0)
  }
}

/**
 * Refuses a request that says that its body is too long.
 *
 * @throws AppError `payload_too_large`.
 */
export function refuseLongBody(request: Request, limit: number): void {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLong(limit)
}

function tooLong(limit: number): AppError {
  return new AppError(
    'payload_too_large',
    `Cannot accept the request: its body is longer than ${limit} bytes. Send it in parts, or raise LETTA_BODY_LIMIT.`,
    { data: { limit } },
  )
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return null
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalidJson('JSON decode error', positionOf(error))
  }
}

function invalidJson(message: string, position: number): AppError {
  return validationError([
    { type: 'json_invalid', location: ['body', position], message, input: {} },
  ])
}

function positionOf(error: unknown): number {
  const [, position] = /position (\d+)/.exec(error instanceof Error ? error.message : '') ?? []
  return Number(position ?? 0)
}
