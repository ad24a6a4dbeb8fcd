import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { collectParts, sampleModelRequest } from '../../testing/model-request.ts'
import { startWireServer, toEventStream, type WireReply } from '../../testing/wire-server.ts'
import { systemClock } from '../../util/clock.ts'
import { createModelSource } from '../create-model-source.ts'
import type { ModelFailure } from '../model.ts'
import { parseRetryAfter } from './parse-retry-after.ts'

const key = 'my own odd key'

interface FailureOptions {
  readonly handle?: string
  readonly requestTimeoutMs?: number
  readonly apiKey?: string
}

async function failureOf(reply: WireReply, options: FailureOptions = {}): Promise<ModelFailure> {
  await using server = await startWireServer(() => reply)
  return await failureAt(server.url, options)
}

async function failureAt(baseUrl: string, options: FailureOptions = {}): Promise<ModelFailure> {
  const providers = ['openai', 'anthropic', 'google_ai'].map((provider) => ({
    provider,
    apiKey: options.apiKey ?? key,
    baseUrl,
  }))
  const source = createModelSource({
    providers,
    defaultModel: null,
    routes: [],
    maxRetries: 0,
    requestTimeoutMs: options.requestTimeoutMs ?? 5_000,
  })
  const model = await source.resolve(options.handle ?? 'openai/gpt-4o-mini')
  const last = (await collectParts(model.stream(sampleModelRequest()))).at(-1)
  if (last?.type !== 'error') throw new Error(`no failure: ${JSON.stringify(last)}`)
  return last.error
}

function json(body: unknown): Pick<WireReply, 'chunks' | 'headers'> {
  return {
    chunks: [typeof body === 'string' ? body : JSON.stringify(body)],
    headers: { 'content-type': 'application/json' },
  }
}

const saying = (message: string, more: object = {}): Pick<WireReply, 'chunks' | 'headers'> =>
  json({ error: { message, type: 'error', ...more } })

const anthropic = 'anthropic/claude-sonnet-4-5'
const google = 'google_ai/gemini-2.5-flash'

describe('a failed call', () => {
  const table: readonly (readonly [string, WireReply, ModelFailure['code'], string?])[] = [
    ['401', { status: 401, ...saying('Incorrect API key') }, 'llm_authentication'],
    ['402', { status: 402, ...saying('Pay first') }, 'llm_insufficient_credits'],
    ['403', { status: 403, ...saying('Not for you') }, 'llm_permission_denied'],
    ['404', { status: 404, ...saying('No such model') }, 'llm_not_found'],
    ['404 of another server', { status: 404, chunks: ['<html>'] }, 'llm_not_found'],
    ['408', { status: 408, ...saying('Too slow') }, 'llm_timeout'],
    ['413', { status: 413, ...saying('Too large') }, 'context_window_exceeded'],
    ['422', { status: 422, ...saying('Unprocessable') }, 'llm_bad_request'],
    ['429', { status: 429, ...saying('Slow down') }, 'llm_rate_limit'],
    [
      '429 without credit',
      { status: 429, ...saying('Quota', { code: 'insufficient_quota' }) },
      'llm_insufficient_credits',
    ],
    ['500', { status: 500, ...saying('Oops') }, 'llm_error'],
    ['503 without a body', { status: 503 }, 'llm_error'],
    ['504', { status: 504, ...saying('Gateway timeout') }, 'llm_timeout'],
    [
      'a prompt too long for OpenAI',
      { status: 400, ...saying('Too long', { code: 'context_length_exceeded' }) },
      'context_window_exceeded',
    ],
    [
      'a prompt too long for llama.cpp',
      { status: 400, ...saying('the request exceeds the available context size') },
      'context_window_exceeded',
    ],
    [
      'a prompt too long for Anthropic',
      { status: 400, ...saying('prompt is too long: 210000 tokens > 200000 maximum') },
      'context_window_exceeded',
      anthropic,
    ],
    [
      'no credit at Anthropic',
      { status: 400, ...saying('Your credit balance is too low to access the API') },
      'llm_insufficient_credits',
      anthropic,
    ],
    [
      'a wrong key at Google',
      { status: 400, ...saying('API key not valid. Please pass a valid API key.') },
      'llm_authentication',
      google,
    ],
    [
      'a prompt too long for Google',
      {
        status: 400,
        ...saying('The input token count (2000000) exceeds the maximum number of tokens allowed'),
      },
      'context_window_exceeded',
      google,
    ],
    [
      'an overloaded Anthropic',
      {
        status: 529,
        ...json({ type: 'error', error: { type: 'overloaded_error', message: 'x' } }),
      },
      'llm_error',
      anthropic,
    ],
    [
      'Anthropic overloaded inside the stream',
      {
        chunks: toEventStream(
          [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
          { named: true },
        ),
      },
      'llm_error',
      anthropic,
    ],
    [
      'a rate limit inside the stream',
      {
        chunks: toEventStream([
          { error: { message: 'Rate limit', type: 'requests', code: 'rate_limit_exceeded' } },
        ]),
      },
      'llm_rate_limit',
    ],
    ['a stream that is no JSON', { chunks: ['data: {oops\n\n'] }, 'llm_error'],
    [
      'an empty answer',
      {
        chunks: toEventStream([
          { id: 'x', choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }] },
        ]),
      },
      'llm_empty_response',
    ],
    ['a connection cut before the answer', { end: 'cut' }, 'llm_unreachable'],
  ]

  const rows = table.map(([name, reply, code, handle]) => ({ name, reply, code, handle }))

  it.each(rows)('with $name has its code', async ({ reply, code, handle }) => {
    const failure = await failureOf(reply, handle === undefined ? {} : { handle })
    expect(failure.code).toBe(code)
  })

  it('that may pass is retryable, one that cannot is not', async () => {
    const passing = await failureOf({ status: 503, ...saying('later') })
    const lasting = await failureOf({ status: 401, ...saying('never') })
    expect([passing.retryable, lasting.retryable]).toEqual([true, false])
  })

  it.each(['o', 'local'])(
    'keeps the key %s out of its texts, and other words whole',
    async (apiKey) => {
      const said = `localhost does not know "${apiKey}" or local.example`
      const failure = await failureOf({ status: 401, ...saying(said) }, { apiKey })
      expect(failure.detail).toContain('localhost does not know "[key]" or local.example')
    },
  )

  it('keeps keys out of its texts and its detail short', async () => {
    const long = `You sent ${key}, like sk-ab***************xyz. ${'x'.repeat(2_000)}`
    const failure = await failureOf({ status: 401, ...saying(long) })
    expect(JSON.stringify(failure)).not.toContain(key)
    expect(failure.detail).not.toContain('sk-')
    expect(failure.detail).toContain('401 You sent [key]')
    expect(failure.detail.length).toBeLessThanOrEqual(500)
  })

  it('carries how long the provider asks to wait', async () => {
    const headers = { 'content-type': 'application/json', 'retry-after': '7' }
    const failure = await failureOf({ status: 429, ...saying('slow'), headers })
    expect(failure.retryAfterMs).toBe(7_000)
  })

  it('names a dead endpoint and what to do', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const failure = await failureAt(`http://127.0.0.1:${port}/v1`)
    expect(failure).toMatchObject({
      code: 'llm_unreachable',
      message:
        `Cannot get an answer from openai/gpt-4o-mini: http://127.0.0.1:${port}/v1 cannot be reached. ` +
        'Start the server there or correct OPENAI_BASE_URL.',
      retryable: true,
    })
  })

  it('ends a provider that says nothing, before its answer and within it', async () => {
    const before = await failureOf({ end: 'silent' }, { requestTimeoutMs: 40 })
    const chunks = toEventStream([{ id: 'x', choices: [{ index: 0, delta: { content: 'a' } }] }])
    const within = await failureOf({ chunks, end: 'silent' }, { requestTimeoutMs: 40 })
    expect([before.code, within.code]).toEqual(['llm_timeout', 'llm_timeout'])
  })

  it('is cancelled at once when it was aborted before it began', async () => {
    await using server = await startWireServer(() => ({ end: 'silent' }))
    const source = createModelSource(
      {
        providers: [{ provider: 'openai', apiKey: null, baseUrl: server.url }],
        defaultModel: null,
        routes: [],
      },
      { clock: systemClock },
    )
    const model = await source.resolve('openai/gpt-4o-mini')
    const signal = AbortSignal.abort()
    const parts = await collectParts(model.stream(sampleModelRequest({ signal })))
    expect(parts).toMatchObject([{ type: 'error', error: { code: 'cancelled', retryable: false } }])
    expect(server.requests).toHaveLength(0)
  })
})

describe('parseRetryAfter()', () => {
  const now = Date.UTC(2026, 10, 22, 12)

  it.each([
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '120.4', 'retry-after': '9' }, 121],
    [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:05 GMT' }, 5_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('reads %j', (headers, expected) => {
    expect(parseRetryAfter(headers, now)).toBe(expected)
  })
})
