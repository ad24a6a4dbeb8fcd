import { Letta } from '@letta-ai/letta-client'
import { describe } from 'vitest'
import type { App } from '../../src/app/app.ts'
import { createServer } from '../../src/server/create-server.ts'
import { listen } from '../../src/server/listen.ts'
import {
  createTestApp,
  type TestApp,
  type TestAppOptions,
} from '../../src/testing/create-test-app.ts'
import { describePostgres } from '../setup/describe-postgres.ts'
import { openPostgresTestStore } from '../setup/postgres-store.ts'

/** An app with the official client connected to it. */
export interface Wire extends AsyncDisposable {
  readonly test: TestApp
  readonly app: App
  /** Where its data is meant to be. */
  readonly engine: 'sqlite' | 'postgres'
  /** The official client, unmodified; it repeats nothing unless told so. */
  readonly client: Letta
  /** How many requests were made. */
  readonly requests: number
  /** A request as any program would make it. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** A request with a JSON body. */
  send(
    method: string,
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>
}

/** How a {@link Wire} is opened. */
export type OpenWire = (options?: TestAppOptions) => Promise<Wire>

/**
 * Runs a suite with requests handed to the app in this process, over a real socket, and over a socket with PostgreSQL
 * behind it.
 */
export function describeWire(name: string, suite: (open: OpenWire) => void): void {
  describe(`${name}, in process`, () => {
    suite(openInProcess)
  })
  describe(`${name}, over a socket`, () => {
    suite(openOnSocket)
  })
  describePostgres(`${name}, on PostgreSQL`, () => {
    suite(openOnPostgres)
  })
}

/** Opens an app on a free port of the loopback address, its data on a PostgreSQL server. */
async function openOnPostgres(options: TestAppOptions = {}): Promise<Wire> {
  const store = await openPostgresTestStore()
  return await listenWith(await createTestApp({ ...options, store }), 'postgres')
}

/** Opens an app whose requests never leave the process. */
export async function openInProcess(options: TestAppOptions = {}): Promise<Wire> {
  const test = await createTestApp(options)
  const server = createServer(test.app)
  return toWire(test, {
    engine: 'sqlite',
    baseUrl: 'http://localhost:8283',
    fetch: async (request) => await server.fetch(request),
    close: async () => undefined,
  })
}

/** Opens an app on a free port of the loopback address. */
export async function openOnSocket(options: TestAppOptions = {}): Promise<Wire> {
  return await listenWith(await createTestApp(options), 'sqlite')
}

async function listenWith(test: TestApp, engine: Wire['engine']): Promise<Wire> {
  const server = await listen(test.app, { port: 0 })
  return toWire(test, {
    engine,
    baseUrl: server.url,
    fetch: async (request) => await fetch(request),
    close: () => server.close({ deadlineMs: 0 }),
  })
}

interface Connection {
  readonly engine: Wire['engine']
  readonly baseUrl: string
  fetch(request: Request): Promise<Response>
  close(): Promise<void>
}

function toWire(test: TestApp, connection: Connection): Wire {
  const { baseUrl } = connection
  let requests = 0
  const request = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    requests += 1
    return await connection.fetch(new Request(input, init))
  }
  const call: Wire['fetch'] = (path, init) => request(new URL(path, baseUrl), init)
  return {
    test,
    app: test.app,
    engine: connection.engine,
    client: new Letta({
      baseURL: baseUrl,
      apiKey: 'anything',
      maxRetries: 0,
      fetch: request,
    }),
    get requests() {
      return requests
    },
    fetch: call,
    send: (method, path, body, headers = {}) =>
      call(path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async [Symbol.asyncDispose]() {
      await connection.close()
      await test[Symbol.asyncDispose]()
    },
  }
}

/** One frame of a stream as it was sent. */
export interface SentFrame {
  readonly event: string | null
  readonly data: string
}

/** The frames of an event stream, to its end. */
export async function readFrames(response: Response): Promise<readonly SentFrame[]> {
  const text = await response.text()
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const lines = frame.split('\n')
      const field = (name: string): string | null =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null
      return { event: field('event'), data: field('data') ?? '' }
    })
}

/** The data of frames as objects, without the end of the stream. */
export function dataOf(frames: readonly SentFrame[]): readonly Record<string, unknown>[] {
  return frames
    .filter(({ data }) => data !== '[DONE]')
    .map(({ data }) => JSON.parse(data) as Record<string, unknown>)
}
