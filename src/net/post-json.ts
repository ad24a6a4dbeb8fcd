import { lookup as resolveHost, type LookupAddress } from 'node:dns'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { isIP } from 'node:net'
import { AppError } from '../errors/app-error.ts'
import type { OutboundGuard } from './outbound-guard.ts'

/** A request with a JSON body. */
export interface PostRequest {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly guard: OutboundGuard
  /** Ends the request. */
  readonly signal: AbortSignal
}

/**
 * Sends a POST request and resolves with the status of the answer; its body is not read, and redirects are not followed.
 *
 * Every address is judged after its name was resolved and before anything connects to it, so a name cannot be moved to
 * another address in between. Rejects with `invalid_argument` for what the guard refuses and for a URL that
 * is not http or https, with `signal.reason`, and with the socket's errors.
 */
export async function postJson(post: PostRequest): Promise<number> {
  const url = requireReachable(post.url, post.guard)
  const host = hostOf(url)
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    signal: post.signal,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(post.body),
      ...post.headers,
    },
    lookup: (name, lookupOptions, callback) => {
      resolveHost(name, { ...lookupOptions, all: true }, (error, addresses) => {
        if (error !== null) return callback(error, [])
        const isAllowed = ({ address }: LookupAddress): boolean =>
          post.guard.allowsHost(host) || post.guard.allowsAddress(address)
        if (addresses.length === 0 || !addresses.every(isAllowed)) {
          return callback(refused(host), [])
        }
        if (lookupOptions.all === true) return callback(null, addresses)
        callback(null, addresses[0]?.address ?? '', addresses[0]?.family)
      })
    },
  }
  // Loaded with the first call: most commands make none, and TLS takes 30 ms of their start.
  const { request: send } = process.getBuiltinModule(
    url.protocol === 'https:' ? 'node:https' : 'node:http',
  )
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = send(url, options, resolve)
    request.once('error', reject)
    request.end(post.body)
  })
  answer.destroy()
  return answer.statusCode ?? 0
}

/**
 * The URL when nothing about it is refused before its name is resolved.
 *
 * @throws AppError `invalid_argument`.
 */
export function requireReachable(text: string, guard: OutboundGuard): URL {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new AppError(
      'invalid_argument',
      'Cannot call the URL: it is not an http or https one. Give one that begins with https://.',
    )
  }
  const host = hostOf(url)
  const isLocalName = host === 'localhost' || host.endsWith('.localhost')
  const isRefused = isIP(host) === 0 ? isLocalName : !guard.allowsAddress(host)
  if (isRefused && !guard.allowsHost(host)) throw refused(host)
  return url
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
}

function refused(host: string): AppError {
  return new AppError(
    'invalid_argument',
    `Cannot call ${host}: it is this machine or in a private network. Allow it with LETTA_OUTBOUND_ALLOW if that is meant.`,
  )
}
