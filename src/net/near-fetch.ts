import type { ClientRequest, IncomingMessage } from 'node:http'
import { lightFetch } from './light-fetch.ts'

/** How long connecting may take, in milliseconds; Node's own `fetch` waits as long. */
const connectLimitMs = 10_000

/** How many pieces of an answer lie ready before the server has to wait for whoever reads it. */
const mostPieces = 16

const redirects: readonly (number | undefined)[] = [301, 302, 303, 307, 308]

type Input = Parameters<typeof fetch>[0]

/** A request as `node:http` can send it. */
interface NearRequest {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal | null
}

/**
 * `fetch` that takes little of the processor for what is near: a text sent to an `http:` address, as model servers on the
 * same machine or network have, goes through `node:http`, which takes a third of what Node's own `fetch` does for such a call.
 * All else is left to Node's own, and so is an answer that redirects or is compressed, which is asked for once more.
 *
 * It rejects as Node's own does: with `signal.reason`, or with the `TypeError` "fetch failed" whose cause has the socket's code.
 */
export const nearFetch: typeof fetch = async (input, init) => {
  const near = toNearRequest(input, init)
  if (near === null) return await fetch(input, init)
  const answer = await send(near)
  if (isForNode(answer)) {
    answer.destroy()
    return await fetch(input, init)
  }
  const response = new lightFetch.Response(toStream(answer, near.signal), {
    status: answer.statusCode ?? 0,
    statusText: answer.statusMessage ?? '',
    headers: toPairs(answer.rawHeaders),
  })
  // It has what callers of models use of a response; see `lightFetch`.
  return response as unknown as Response
}

function toNearRequest(input: Input, init: RequestInit = {}): NearRequest | null {
  if (typeof input !== 'string' && !(input instanceof URL)) return null
  const body = init.body ?? ''
  const url = URL.parse(input)
  if (url?.protocol !== 'http:' || url.username !== '' || typeof body !== 'string') return null
  return {
    url,
    method: init.method ?? 'GET',
    headers: Object.fromEntries(new lightFetch.Headers(init.headers)),
    body,
    signal: init.signal ?? null,
  }
}

/** Resolves with the head of the answer. */
async function send({ url, method, headers, body, signal }: NearRequest): Promise<IncomingMessage> {
  signal?.throwIfAborted()
  // Loaded with the first call, as an offline run makes none.
  const http = process.getBuiltinModule('node:http')
  const length =
    body === '' && method === 'GET' ? {} : { 'content-length': Buffer.byteLength(body) }
  return await new Promise((resolve, reject) => {
    const request = http.request(url, {
      method,
      headers: { accept: '*/*', 'accept-encoding': 'identity', ...headers, ...length },
    })
    const leave = (): void => {
      reject(signal?.reason)
      request.destroy()
    }
    signal?.addEventListener('abort', leave, { once: true })
    request.once('close', () => signal?.removeEventListener('abort', leave))
    request.once('response', resolve)
    request.on('error', (cause) => reject(new TypeError('fetch failed', { cause })))
    limitConnecting(request)
    request.end(body)
  })
}

/** Ends a request that gets no connection, with the code that Node's own `fetch` gives it. */
function limitConnecting(request: ClientRequest): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) return
    const late = setTimeout(() => {
      const error = new Error(`No connection within ${connectLimitMs} ms`)
      request.destroy(Object.assign(error, { code: 'UND_ERR_CONNECT_TIMEOUT' }))
    }, connectLimitMs)
    const connected = (): void => clearTimeout(late)
    socket.once('connect', connected).once('close', connected)
  })
}

function isForNode({ statusCode, headers }: IncomingMessage): boolean {
  const isCompressed = (headers['content-encoding'] ?? 'identity') !== 'identity'
  return isCompressed || (redirects.includes(statusCode) && headers.location !== undefined)
}

/** The body of an answer; it fails with `signal.reason`, or with the socket's error when the connection breaks. */
function toStream(
  answer: IncomingMessage,
  signal: AbortSignal | null,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let isLeft = false
  return new ReadableStream(
    {
      start(controller) {
        answer.on('data', (piece: Buffer<ArrayBuffer>) => {
          // What has come already is told of even after the answer was left.
          if (isLeft) return
          controller.enqueue(piece)
          if ((controller.desiredSize ?? 0) <= 0) answer.pause()
        })
        answer.once('end', () => {
          if (!isLeft) controller.close()
        })
        answer.on('error', (error) => {
          controller.error(signal?.aborted === true ? signal.reason : error)
        })
      },
      pull() {
        answer.resume()
      },
      cancel() {
        isLeft = true
        answer.destroy()
      },
    },
    { highWaterMark: mostPieces },
  )
}

/** Names and values that come one after the other, as pairs. */
function toPairs(raw: readonly string[]): [name: string, value: string][] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [
    raw[index * 2] ?? '',
    raw[index * 2 + 1] ?? '',
  ])
}
