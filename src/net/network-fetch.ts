import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { lightFetch } from './light-fetch.ts'

/** How long it may take to connect, and how long an open connection may be silent, in milliseconds: as Node's own `fetch` has it. */
const connectTimeoutMs = 10_000
const silenceTimeoutMs = 300_000

/** Sent where the caller says nothing else. */
const defaultHeaders = { accept: '*/*', 'accept-encoding': 'gzip', 'user-agent': 'node' }

/** How many pieces of an answer lie ready before the server has to wait for whoever reads it. */
const mostPieces = 16

const redirects: readonly number[] = [301, 302, 303, 307, 308]
const withoutBody: readonly number[] = [204, 205, 304]

/**
 * `fetch` on Node's `http` and `https` modules, for calls of models and for commands. It takes a third of the processor time that
 * Node's own takes for a call, and a command that sends one or two requests does not load Node's own, which is half of its start.
 *
 * It sends texts and bytes. All else is left to Node's own, and so is an answer that redirects, which is asked for once more. It
 * rejects as Node's own does: with `signal.reason`, or with a `TypeError` whose cause has the socket's code. Node's own sends
 * some requests again that found a closed connection; ours leaves it to the caller, by {@link StaleConnectionError}.
 */
export const networkFetch: typeof fetch = async (input, init = {}) => {
  const url = toPlainUrl(input, init)
  if (url === null) return await globalThis.fetch(input, init)
  const answer = await send(url, init)
  const status = answer.statusCode ?? 0
  if (redirects.includes(status) && answer.headers.location !== undefined) {
    answer.destroy()
    return await globalThis.fetch(input, init)
  }
  const response = new lightFetch.Response(toBody(answer, init), {
    status,
    statusText: answer.statusMessage ?? '',
    headers: toPairs(answer.rawHeaders),
  })
  // It has what our callers use of a response; see `lightFetch`.
  return response as unknown as Response
}

/**
 * Says that a connection which had served a request before broke without a byte of an answer: the other side had most likely closed
 * it while it was idle. What may be sent twice is worth sending again, as the next connection is another one, and a new one in the end.
 */
export class StaleConnectionError extends TypeError {}

/** Socket errors of a connection that the other side has closed. */
const closedCodes: readonly unknown[] = ['ECONNRESET', 'EPIPE']

/** Where a request goes that is no more than headers and bytes; null = it is more. */
function toPlainUrl(input: string | URL | Request, init: RequestInit): URL | null {
  if (typeof input !== 'string' && !(input instanceof URL)) return null
  const url = URL.parse(input)
  const { body = null, redirect = 'follow' } = init
  const isPlain =
    redirect === 'follow' &&
    (body === null || typeof body === 'string' || body instanceof Uint8Array)
  if (!isPlain || url === null || url.username !== '' || url.password !== '') return null
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null
}

/** Resolves with the head of the answer. */
function send(url: URL, init: RequestInit): Promise<IncomingMessage> {
  const { body, signal } = init
  const { method, headers } = new lightFetch.Request(url, init)
  const { request: open } = process.getBuiltinModule(
    url.protocol === 'https:' ? 'node:https' : 'node:http',
  )
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const request = open(url, {
    method,
    headers: { ...defaultHeaders, ...Object.fromEntries(headers) },
    timeout: silenceTimeoutMs,
    ...(signal instanceof AbortSignal && { signal }),
  })
  const giveUp = () => request.destroy(silence())
  request.once('timeout', giveUp)
  request.once('response', (answer) => {
    request.off('timeout', giveUp).once('timeout', () => answer.destroy(silence()))
    resolve(answer)
  })
  request.on('error', (cause: NodeJS.ErrnoException) => {
    const isStale = request.reusedSocket && closedCodes.includes(cause.code)
    const ErrorClass = isStale ? StaleConnectionError : TypeError
    reject(toReason('fetch failed', { cause, init, ErrorClass }))
  })
  limitConnecting(request)
  // Its length is known, so that nothing is sent in pieces.
  request.end(typeof body === 'string' || body instanceof Uint8Array ? body : undefined)
  return promise
}

function limitConnecting(request: ClientRequest): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) return
    const giveUp = () =>
      request.destroy(networkError('UND_ERR_CONNECT_TIMEOUT', 'Connect Timeout Error'))
    const timer = setTimeout(giveUp, connectTimeoutMs)
    for (const event of ['connect', 'close']) socket.once(event, () => clearTimeout(timer))
  })
}

function silence(): Error {
  return networkError('ETIMEDOUT', 'The other side is silent')
}

/** An error with a code, as the socket's own have one. */
function networkError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

/** What `fetch` fails with. */
function toReason(
  message: string,
  failure: {
    readonly cause: unknown
    readonly init: RequestInit
    readonly ErrorClass?: new (message: string, options: ErrorOptions) => TypeError
  },
): unknown {
  const { cause, init, ErrorClass = TypeError } = failure
  return init.signal?.aborted === true ? init.signal.reason : new ErrorClass(message, { cause })
}

function toBody(
  answer: IncomingMessage,
  init: RequestInit,
): ReadableStream<Uint8Array<ArrayBuffer>> | null {
  const isEmpty = init.method === 'HEAD' || withoutBody.includes(answer.statusCode ?? 0)
  if (!isEmpty) return toStream(decode(answer), init)
  answer.resume()
  return null
}

function decode(answer: IncomingMessage): Readable {
  if (answer.headers['content-encoding']?.toLowerCase() !== 'gzip') return answer
  const { constants, createGunzip } = process.getBuiltinModule('node:zlib')
  const { pipeline } = process.getBuiltinModule('node:stream')
  // Gives out what has come, as a stream of events is read while it goes on.
  const flush = constants.Z_SYNC_FLUSH
  const decoder = createGunzip({ flush, finishFlush: flush })
  // A failure is the decoder's, too, which is where it is read.
  pipeline(answer, decoder, () => undefined)
  return decoder
}

/** The body of an answer; it fails with `signal.reason`, or with the socket's error as its cause. */
function toStream(source: Readable, init: RequestInit): ReadableStream<Uint8Array<ArrayBuffer>> {
  let isLeft = false
  return new ReadableStream(
    {
      start(controller) {
        source.on('data', (piece: Buffer<ArrayBuffer>) => {
          // What has come already is told of even after the answer was left.
          if (isLeft) return
          controller.enqueue(piece)
          if ((controller.desiredSize ?? 0) <= 0) source.pause()
        })
        source.once('end', () => {
          if (!isLeft) controller.close()
        })
        source.on('error', (cause) => controller.error(toReason('terminated', { cause, init })))
      },
      pull() {
        source.resume()
      },
      cancel() {
        isLeft = true
        source.destroy()
      },
    },
    { highWaterMark: mostPieces },
  )
}

/** Names and values, which Node lists in turns. */
function toPairs(raw: readonly string[]): [name: string, value: string][] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? '']] : []))
}
