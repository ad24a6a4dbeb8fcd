import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createEmbedderSource } from './embedder.ts'
import type { ModelSettings } from './model-settings.ts'

const none: ModelSettings = { providers: [], defaultModel: null, routes: [] }
const signal = new AbortController().signal

/** An endpoint that answers each request with what `answer` makes of it. */
async function startEndpoint(
  answer: (
    body: string,
    request: IncomingMessage,
  ) => {
    readonly status: number
    readonly body: string
    readonly headers?: Readonly<Record<string, string>>
  },
) {
  return await startServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const given = answer(body, request)
      response.writeHead(given.status, given.headers).end(given.body)
    })
  })
}

/** An endpoint with its embedder. */
async function startServer(listener: RequestListener) {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const settings = {
    ...none,
    routes: [{ pattern: 'vllm/*', url: `http://secret@127.0.0.1:${port}/v1` }],
  }
  return {
    embedder: createEmbedderSource(settings).resolve('vllm/e5'),
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function vectors(...list: readonly (readonly [index: number, ...vector: number[]])[]): string {
  return JSON.stringify({ data: list.map(([index, ...embedding]) => ({ index, embedding })) })
}

describe('embed()', () => {
  test('asks the endpoint as OpenAI is asked and gives vectors in the order of the texts', async () => {
    const asked: unknown[] = []
    await using endpoint = await startEndpoint((body, request) => {
      asked.push(request.url, request.headers.authorization, JSON.parse(body))
      return { status: 200, body: vectors([1, 0, 1], [0, 1, 0]) }
    })
    expect(await endpoint.embedder.embed(['a', 'b'], signal)).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(asked).toEqual([
      '/v1/embeddings',
      'Bearer secret',
      { model: 'e5', input: ['a', 'b'], encoding_format: 'float' },
    ])
  })

  test.each([
    [401, 'no', 'llm_authentication'],
    [429, 'slow down', 'llm_rate_limit'],
    [500, 'oops', 'llm_error'],
    [200, 'not json', 'llm_error'],
    [200, vectors([0, 1]), 'llm_error'],
    [200, vectors([0, 1], [0, 2]), 'llm_error'],
    [200, vectors([1, 1], [2, 2]), 'llm_error'],
    [200, '{}', 'llm_error'],
  ])('says what went wrong when the endpoint answers %i %s', async (status, body, code) => {
    await using endpoint = await startEndpoint(() => ({ status, body }))
    await expect(endpoint.embedder.embed(['a', 'b'], signal)).rejects.toMatchObject({ code })
  })

  test('takes vectors without an index in the order in which they come', async () => {
    const body = JSON.stringify({ data: [{ embedding: [1] }, { embedding: [2] }] })
    await using endpoint = await startEndpoint(() => ({ status: 200, body }))
    expect(await endpoint.embedder.embed(['a', 'b'], signal)).toEqual([[1], [2]])
  })

  test.each([
    [401, /answered 401 <p> no <\/p>\. Check the key of vLLM\.$/],
    [429, /answered 429 <p> no <\/p>\. Wait, or raise the limit there\.$/],
    [503, /answered 503 <p> no <\/p>\. Look into the log of the endpoint\.$/],
    [404, /answered 404 <p> no <\/p>\. Check the model's name and LETTA_MODEL_ROUTES\.$/],
  ])('says on one line what to do about an answer of status %i', async (status, message) => {
    await using endpoint = await startEndpoint(() => ({ status, body: '<p>\n no\n</p>' }))
    const failed = endpoint.embedder.embed(['a'], signal)
    await expect(failed).rejects.toThrow(message)
  })

  test('says how long the endpoint wants to be left alone', async () => {
    const headers = { 'retry-after': '7' }
    await using endpoint = await startEndpoint(() => ({ status: 429, body: 'slow', headers }))
    await expect(endpoint.embedder.embed(['a'], signal)).rejects.toMatchObject({
      code: 'llm_rate_limit',
      data: { status: 429, retryAfterMs: 7000 },
    })
  })

  test('asks again when a connection that was open before breaks without an answer, but not when a new one does', async () => {
    const ports: (number | undefined)[] = []
    const state = { isDown: false }
    await using endpoint = await startServer((request, response) => {
      const port = request.socket.remotePort
      if (state.isDown || ports.includes(port)) return void request.socket.destroy()
      ports.push(port)
      response.end(vectors([0, 1]))
    })
    for (const _ of [1, 2, 3]) {
      expect(await endpoint.embedder.embed(['a'], signal)).toEqual([[1]])
    }
    expect(new Set(ports).size).toBe(3)
    state.isDown = true
    await expect(endpoint.embedder.embed(['a'], signal)).rejects.toMatchObject({
      code: 'llm_unreachable',
    })
  })

  test('tells an answer that breaks off or does not end in time from one that is no JSON', async () => {
    const state = { breaksOff: true }
    await using endpoint = await startServer((request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"data":')
      if (state.breaksOff) request.socket.end()
    })
    const { embedder } = endpoint
    await expect(embedder.embed(['a'], signal)).rejects.toMatchObject({ code: 'llm_unreachable' })
    state.breaksOff = false
    const soon = AbortSignal.timeout(50)
    await expect(embedder.embed(['a'], soon)).rejects.toMatchObject({ code: 'llm_timeout' })
  })

  test('says that an endpoint cannot be reached, and that it is late', async () => {
    const routes = [{ pattern: 'vllm/*', url: 'http://127.0.0.1:1/v1' }]
    const embedder = createEmbedderSource({ ...none, routes }).resolve('vllm/e5')
    await expect(embedder.embed(['a'], signal)).rejects.toMatchObject({ code: 'llm_unreachable' })
    const late = AbortSignal.abort(new DOMException('late', 'TimeoutError'))
    await expect(embedder.embed(['a'], late)).rejects.toMatchObject({ code: 'llm_timeout' })
  })
})

describe('resolve()', () => {
  test.each([
    ['nobody/e5', 'model_not_found'],
    ['e5', 'model_not_found'],
    ['openai/text-embedding-3-small', 'model_key_missing'],
  ])('refuses %s', (handle, code) => {
    expect(() => createEmbedderSource(none).resolve(handle)).toThrow(
      expect.objectContaining({ code }),
    )
  })

  test('refuses a provider without embeddings of this kind', () => {
    const providers = [{ provider: 'anthropic', apiKey: 'k', baseUrl: null }]
    expect(() => createEmbedderSource({ ...none, providers }).resolve('anthropic/x')).toThrow(
      /no embeddings/,
    )
  })
})
