import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../util/clock.ts'

/** What a {@link WireServer} sends back, byte for byte. */
export interface WireReply {
  /** Default: 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The body, written chunk by chunk; each is on its way before the next is written. */
  readonly chunks?: readonly string[]
  /** `whole`: the answer ends as it should; `cut`: the connection breaks; `silent`: it stays open. Default: whole. */
  readonly end?: 'whole' | 'cut' | 'silent'
  /** Waited for before the end, in milliseconds. */
  readonly endDelayMs?: number
}

/** What a {@link WireServer} was sent. */
export interface WireRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** The body as text; empty when there is none. */
  readonly body: string
  /** Resolves when the answer to this request is over or its connection has closed. */
  readonly closed: Promise<void>
}

/** A server on the loopback address that replays recorded or hand-built answers. */
export interface WireServer extends AsyncDisposable {
  /** Its root, without trailing slash. */
  readonly url: string
  readonly requests: readonly WireRequest[]
  /** How many connections were made. */
  readonly connections: number
}

/** Starts a {@link WireServer}; dispose of it with `await using`. */
export async function startWireServer(
  respond: (request: WireRequest, index: number) => WireReply,
): Promise<WireServer> {
  const requests: WireRequest[] = []
  let connections = 0
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const request: WireRequest = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        closed: new Promise((resolve) => outgoing.once('close', () => resolve())),
      }
      requests.push(request)
      void send(respond(request, requests.length - 1))
    })

    async function send(reply: WireReply): Promise<void> {
      outgoing.writeHead(reply.status ?? 200, {
        'content-type': 'text/event-stream',
        ...reply.headers,
      })
      for (const chunk of reply.chunks ?? []) {
        await new Promise((resolve) => outgoing.write(chunk, resolve))
      }
      if (reply.endDelayMs !== undefined) {
        await systemClock.sleep(reply.endDelayMs, { keepAlive: true })
      }
      if (reply.end === 'cut') outgoing.destroy()
      else if (reply.end === 'silent') outgoing.flushHeaders()
      else outgoing.end()
    }
  })
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Server-sent events with one JSON object each; with `named`, the object's `type` is the name of its event. */
export function toEventStream(
  events: readonly object[],
  options: { readonly named?: boolean } = {},
): readonly string[] {
  return events.map((event) => {
    const name = options.named === true && 'type' in event ? `event: ${String(event.type)}\n` : ''
    return `${name}data: ${JSON.stringify(event)}\n\n`
  })
}
