import { createAdaptorServer } from '@hono/node-server'
import type { Server } from 'node:http'
import type { App } from '../app/app.ts'
import { AppError } from '../errors/app-error.ts'
import { createServer } from './create-server.ts'
import { isLoopback } from './loopback.ts'

/** Where to listen. */
export interface ListenOptions {
  /** A name or address. Any but a loopback one needs a key. Default: `127.0.0.1`. */
  readonly host?: string
  /** 0 = a free one. Default: 8283. */
  readonly port?: number
}

/** A server on a socket. */
export interface ListeningServer {
  /** Where clients find it. */
  readonly url: string
  readonly port: number
  /** Takes no more connections and waits for the open ones up to `deadlineMs` (default 5,000), then ends them. */
  close(options?: { readonly deadlineMs?: number }): Promise<void>
}

const defaultDeadlineMs = 5_000

/**
 * Serves an app over HTTP. The runtime is not started and the app not closed here.
 *
 * Rejects with `port_in_use`; with `configuration_invalid` for an address that cannot be used, or one that others can
 * reach while there is no key.
 */
export async function listen(app: App, options: ListenOptions = {}): Promise<ListeningServer> {
  const { host = '127.0.0.1', port = 8283 } = options
  const isPublic = !isLoopback(host)
  if (isPublic && !(await app.services.keys.exist())) throw keyNeeded(host)
  const settings = { ...app.settings, requireKey: app.settings.requireKey || isPublic }
  const { fetch } = createServer({ ...app, settings })
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false })
  if (!('closeAllConnections' in server)) throw new TypeError('an HTTP/1.1 server was expected')
  await start(server, { host, port })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${urlHost(host)}:${bound}`,
    port: bound,
    close: (closing) => close(app, server, closing?.deadlineMs ?? defaultDeadlineMs),
  }
}

function start(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(toListenError(error, { host, port })))
    server.listen(port, host, () => resolve())
  })
}

async function close(app: App, server: Server, deadlineMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  const done = new AbortController()
  const late = app.clock.sleep(deadlineMs, { signal: done.signal, keepAlive: true }).then(
    () => server.closeAllConnections(),
    () => undefined,
  )
  await Promise.race([closed, late])
  done.abort()
  await closed
}

/** The name in a URL for what a server is bound to; every address of the machine is reached through loopback. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

function toListenError(
  error: NodeJS.ErrnoException,
  { host, port }: { readonly host: string; readonly port: number },
): AppError {
  if (error.code === 'EADDRINUSE') {
    return new AppError(
      'port_in_use',
      `Cannot listen on ${host}:${port}: another program uses the port. Stop it, or choose another port with --port or LETTA_PORT.`,
      { cause: error, data: { host, port } },
    )
  }
  return new AppError(
    'configuration_invalid',
    `Cannot listen on ${host}:${port}: ${error.message}. Choose another address with --host and --port.`,
    { cause: error, data: { host, port } },
  )
}

function keyNeeded(host: string): AppError {
  return new AppError(
    'configuration_invalid',
    `Cannot listen on ${host}: others can reach that address and there is no key. Create one first: letta keys create.`,
    { data: { host } },
  )
}
