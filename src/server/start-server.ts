import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { isIPv6, type AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { App } from '../app/app.ts'
import type { Settings } from '../config/load-settings.ts'
import { AppError } from '../errors/app-error.ts'
import { toError } from '../errors/to-error.ts'
import { createLogger } from '../telemetry/logger.ts'
import { systemClock } from '../util/clock.ts'
import { createServer } from './create-server.ts'
import { limitGarbage } from './limit-garbage.ts'
import { isLoopback } from './loopback.ts'
import { openApp } from './open-app.ts'
import { trimWhenIdle } from './trim-memory.ts'
import { watchIdle } from './watch-idle.ts'

/** A server that listens. */
export interface RunningServer {
  /** Where it listens, without trailing slash. */
  readonly url: string
  /** The random value of this process that `/v1/health` reports. */
  readonly instanceId: string
  /** Where its data is: a path, or a URL without credentials. */
  readonly location: string
  /** A secret that lets programs of the same user in without a key. */
  readonly token: string
  /**
   * Resolves once there was no request for `forMs` milliseconds and nothing is left to run. Rejects when `signal` aborts.
   */
  untilIdle(options: { readonly forMs: number; readonly signal: AbortSignal }): Promise<void>
  /** Accepts nothing more, lets running turns finish up to `deadlineMs`, then closes everything. */
  stop(options: { readonly deadlineMs: number }): Promise<void>
}

const defaultHost = '127.0.0.1'

/**
 * Opens the data folder and serves it, and carries on every open turn in it.
 *
 * Rejects with `configuration_invalid` for an address that others can reach while no key exists, `port_in_use`, and as
 * {@link openApp} does.
 */
export async function startServer(settings: Settings): Promise<RunningServer> {
  const host = settings.host ?? defaultHost
  const isOpen = !isLoopback(host)
  const token = randomBytes(32).toString('base64url')
  const app = await openApp({
    settings:
      isOpen && settings.allowedHosts.length === 0
        ? { ...settings, allowedHosts: ['*'] }
        : settings,
    host: 'worker',
    appSettings: { localToken: token, requireKey: isOpen },
    logger: createLogger({
      level: settings.logLevel,
      to: settings.logFile ? { home: settings.home } : 'stderr',
    }),
  })
  try {
    if (isOpen) await demandKey(app, host)
    const server = await listen(app, host, settings.port)
    const untilIdle = watchIdle(app, server)
    app.runtime.start()
    app.jobs.start()
    const stopping = new AbortController()
    const letGarbageGrow = limitGarbage()
    trimWhenIdle({ server, untilIdle, signal: stopping.signal }).catch((error: unknown) => {
      if (stopping.signal.aborted) return
      app.logger.warn({ err: error }, 'Cannot give unused memory back; the server goes on')
    })
    return {
      url: urlOf(server, host),
      instanceId: app.settings.instanceId,
      location: app.store.description.location,
      token,
      untilIdle,
      stop: async ({ deadlineMs }) => {
        stopping.abort()
        await stop(app, server, deadlineMs)
        letGarbageGrow()
      },
    }
  } catch (error) {
    await app.close()
    throw error
  }
}

async function demandKey(app: App, host: string): Promise<void> {
  if (await app.services.keys.exist()) return
  throw new AppError(
    'configuration_invalid',
    `Cannot listen on ${host}: others could reach it, and no key exists. ` +
      'Run `letta keys create <name>` first, or leave out --host to serve this machine only.',
  )
}

async function listen(app: App, host: string, port: number): Promise<Server> {
  const { fetch } = createServer(app)
  const server = createAdaptorServer({ fetch }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(describeListenError(error, host, port)))
    server.listen(port, host, resolve)
  })
  return server
}

function describeListenError(error: Error, host: string, port: number): AppError {
  const code = 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') {
    return new AppError(
      'port_in_use',
      `Cannot listen on ${host}:${port}: the port is taken by another program. ` +
        'Stop that program, or choose another port with --port.',
      { cause: error },
    )
  }
  return new AppError(
    'configuration_invalid',
    `Cannot listen on ${host}:${port}: ${error.message}. Choose another address with --host and --port.`,
    { cause: error },
  )
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`
}

async function stop(app: App, server: Server, deadlineMs: number): Promise<void> {
  const closed = new Promise<void>((resolve, reject) => {
    server.close((error) =>
      error === undefined ? resolve() : reject(toError(error, 'close the server')),
    )
  })
  server.closeIdleConnections()
  await Promise.all([app.jobs.stop({ deadlineMs }), app.runtime.stop({ deadlineMs })])
  await flush(server, closed)
  server.closeAllConnections()
  await closed
  await app.close()
}

/** How long readers have to take what was written to them last, in milliseconds. */
const flushMs = 1000
const flushLookMs = 20

/** Lets the answers that are under way reach their readers. */
async function flush(server: Server, closed: Promise<void>): Promise<void> {
  let isClosed = false
  const ended = closed.finally(() => {
    isClosed = true
  })
  for (let waited = 0; waited < flushMs && !isClosed; waited += flushLookMs) {
    server.closeIdleConnections()
    await Promise.race([ended, systemClock.sleep(flushLookMs, { keepAlive: true })])
  }
}
