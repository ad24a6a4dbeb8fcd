import { type Embedded, openInstalledProduct, type OpenEmbedded } from './embedded.ts'
import { LettaError } from './errors.ts'
import { findServer } from './find-server.ts'
import { holdProcess, keepAliveWhileBusy } from './keep-alive.ts'
import { version } from './version.ts'

/** How a client reaches agents: in its own process, or through a server. */
export type ClientMode = 'embedded' | 'http'

/** Where a client ended up. */
export interface Connection {
  readonly mode: ClientMode
  /** The address of the server; null when embedded. */
  readonly baseUrl: string | null
  /** The data folder, when it is on this machine and known. */
  readonly dataPath: string | null
  /** Sends a request whose URL is a path. */
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>
  /** Carries on what is open in a conversation, where nobody else does: a server does it by itself. */
  readonly recover: (options: { readonly conversationId: string }) => Promise<number>
  /** Closes what was opened. */
  close(): Promise<void>
}

/** What decides where a client connects. */
export interface ConnectOptions {
  readonly mode: ClientMode | null
  readonly baseUrl: string | null
  readonly apiKey: string | null
  readonly dataFolder: string
  readonly fetch: typeof globalThis.fetch
  readonly openEmbedded: OpenEmbedded | null
}

/** How long a server may take to say that it is there when nothing else will do, in milliseconds. */
const patientMs = 5_000

/** A host that every server accepts, for requests that never reach a network. */
const embeddedOrigin = 'http://localhost'

/**
 * Finds out where to go: a given address, else the server that runs on the data folder, else the product in this
 * process.
 *
 * @throws LettaError `server_version_differs`, `server_unreachable` (mode `http` without a server) or
 * `product_missing`.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  if (options.mode !== 'embedded') {
    if (options.baseUrl !== null) return toHttp(options, options.baseUrl, options.apiKey)
    const patience = options.mode === 'http' ? { deadlineMs: patientMs } : {}
    const server = await findServer({ ...options, ...patience, version })
    if (server !== null) {
      const http = toHttp(options, server.url, options.apiKey ?? server.token)
      return { ...http, dataPath: options.dataFolder }
    }
  }
  if (options.mode === 'http') throw noServer(options.dataFolder)
  return toEmbedded(await openProduct(options))
}

function noServer(dataFolder: string): LettaError {
  return new LettaError(
    'server_unreachable',
    `Cannot find a server: none runs on the data folder ${dataFolder}. ` +
      'Start one with `letta server`, or give its address as baseUrl or LETTA_BASE_URL.',
  )
}

function toHttp(options: ConnectOptions, baseUrl: string, apiKey: string | null): Connection {
  const base = baseUrl.replace(/\/+$/, '')
  return {
    mode: 'http',
    baseUrl: base,
    dataPath: null,
    fetch: async (path, init = {}) => {
      const headers = new Headers(init.headers)
      if (apiKey !== null) headers.set('authorization', `Bearer ${apiKey}`)
      try {
        return await options.fetch(base + path, { ...init, headers })
      } catch (error) {
        throw describeFailure(error, base)
      }
    },
    recover: async () => 0,
    close: async () => undefined,
  }
}

function describeFailure(error: unknown, baseUrl: string): unknown {
  if (!(error instanceof TypeError)) return error
  const reason = error.cause instanceof Error ? error.cause.message : error.message
  return new Error(`${baseUrl} does not answer (${reason})`, { cause: undefined })
}

async function openProduct(options: ConnectOptions): Promise<Embedded> {
  const open = options.openEmbedded ?? openInstalledProduct
  return open({ home: options.dataFolder })
}

function toEmbedded(embedded: Embedded): Connection {
  const fetch = keepAliveWhileBusy(async (input, init) => embedded.fetch(new Request(input, init)))
  return {
    mode: 'embedded',
    baseUrl: null,
    dataPath: embedded.dataPath,
    fetch: (path, init) => fetch(embeddedOrigin + path, init),
    recover: async (options) => {
      const release = holdProcess()
      try {
        return await embedded.recover(options)
      } finally {
        release()
      }
    },
    close: () => embedded.close(),
  }
}
