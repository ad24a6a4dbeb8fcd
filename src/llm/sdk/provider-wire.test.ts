import { describe, expect, it } from 'vitest'
import { collectParts, sampleModelRequest } from '../../testing/model-request.ts'
import { startWireServer, toEventStream, type WireServer } from '../../testing/wire-server.ts'
import { systemClock } from '../../util/clock.ts'
import { noUsage, type LanguageModel, type ModelRequest, type ModelTool } from '../model.ts'
import { createProviderModel } from '../provider-model.ts'
import { providerDefinitions, type ProviderKind } from '../provider-definitions.ts'
import { wireAnswers } from '../../testing/wire-answers.ts'

const tools: readonly ModelTool[] = [
  {
    name: 'add',
    description: 'Adds.',
    parameters: { type: 'object', properties: { left: { type: 'number' } } },
  },
  { name: 'now', description: 'Tells the time.', parameters: { type: 'object', properties: {} } },
]

const providers = { anthropic: 'anthropic', google: 'google_ai', openai: 'openai' } as const

function modelAt(
  server: WireServer,
  kind: ProviderKind,
  given: {
    readonly name?: string
    readonly reasoning?: boolean
    readonly custom?: boolean
    readonly apiKey?: string | null
  } = {},
): LanguageModel {
  const { name = 'test-model' } = given
  const provider = kind === 'openai-compatible' ? 'vllm' : providers[kind]
  const definition = providerDefinitions.find((candidate) => candidate.name === provider)
  if (definition === undefined) throw new Error(`no provider ${provider}`)
  const handle = `${provider}/${name}`
  return createProviderModel(
    {
      type: 'provider',
      reasoning: given.reasoning ?? true,
      endpoint: {
        definition,
        kind,
        url: `${server.url}/v1`,
        apiKey: given.apiKey === undefined ? 'secret-key' : given.apiKey,
        custom: given.custom ?? false,
        urlVariable: definition.urlVariable,
      },
      info: {
        handle,
        provider,
        name,
        contextWindow: 100_000,
        maxOutputTokens: 8_000,
        extractive: false,
        endpointType: definition.endpointType,
        endpoint: `${server.url}/v1`,
      },
    },
    { requestTimeoutMs: 5_000, clock: systemClock },
  )
}

async function bodySent(
  kind: ProviderKind,
  request: Partial<ModelRequest>,
  given: Parameters<typeof modelAt>[2] = {},
): Promise<Record<string, unknown>> {
  await using server = await startWireServer(() => ({ chunks: wireAnswers[kind].chunks }))
  await collectParts(modelAt(server, kind, given).stream(sampleModelRequest(request)))
  return JSON.parse(server.requests[0]?.body ?? '') as Record<string, unknown>
}

/** Lets the client see that an answer has ended before it is asked again. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 5)
  })
}

const kinds = ['openai-compatible', 'openai', 'anthropic', 'google'] as const

describe.each(kinds)('the stream of %s', (kind) => {
  it('gives reasoning, text, parallel tool calls and usage in order', async () => {
    await using server = await startWireServer(() => ({ chunks: wireAnswers[kind].chunks }))
    const parts = await collectParts(modelAt(server, kind).stream(sampleModelRequest({ tools })))
    const ids = parts.flatMap((part) => (part.type === 'tool-call-end' ? [part.callId] : []))
    const text = ids.reduce((json, id) => json.replaceAll(id, 'id'), JSON.stringify(parts))
    const known: unknown = JSON.parse(text)
    expect(known).toEqual(wireAnswers[kind].parts)
  })

  it('gives every call an id of its own', async () => {
    await using server = await startWireServer(() => ({ chunks: wireAnswers[kind].chunks }))
    const parts = await collectParts(modelAt(server, kind).stream(sampleModelRequest({ tools })))
    const ids = parts.flatMap((part) => (part.type === 'tool-call-end' ? [part.callId] : []))
    expect(new Set(ids).size).toBe(2)
  })

  it('keeps an answer whose usage makes no sense', async () => {
    const count = /("\w*(?:_tokens|TokenCount)":\s*)(\d+)/g
    const chunks = wireAnswers[kind].chunks.map((chunk) => chunk.replaceAll(count, '$1-$2'))
    await using server = await startWireServer(() => ({ chunks }))
    const parts = await collectParts(modelAt(server, kind).stream(sampleModelRequest({ tools })))
    expect(chunks.join('')).toMatch(/:\s*-\d/)
    expect(parts.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' })
    const usage: unknown = parts.flatMap((part) => (part.type === 'finish' ? [part.usage] : []))
    expect(JSON.stringify(usage)).not.toContain('-')
  })

  it('survives being cut anywhere between two bytes of the wire', async () => {
    const bytes = wireAnswers[kind].chunks.join('')
    const pieces = bytes.match(/[\s\S]{1,7}/g) ?? []
    await using server = await startWireServer(() => ({ chunks: pieces }))
    const parts = await collectParts(modelAt(server, kind).stream(sampleModelRequest({ tools })))
    expect(parts.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' })
  })

  it('says that the stream was cut when the connection breaks, after the parts that came', async () => {
    const { chunks } = wireAnswers[kind]
    await using server = await startWireServer(() => ({
      chunks: chunks.slice(0, -3),
      end: 'cut',
    }))
    const parts = await collectParts(modelAt(server, kind).stream(sampleModelRequest({ tools })))
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'llm_stream_cut', retryable: true },
    })
  })

  it('says that the stream was cut when it ends without a finish', async () => {
    const { chunks } = wireAnswers[kind]
    await using server = await startWireServer(() => ({ chunks: chunks.slice(0, -3) }))
    const parts = await collectParts(modelAt(server, kind).stream(sampleModelRequest({ tools })))
    expect(parts.at(-1)).toMatchObject({ type: 'error', error: { code: 'llm_stream_cut' } })
  })

  it('closes the connection when whoever reads it leaves', async () => {
    const { chunks } = wireAnswers[kind]
    await using server = await startWireServer(() => ({
      chunks: chunks.slice(0, -3),
      end: 'silent',
    }))
    for await (const part of modelAt(server, kind).stream(sampleModelRequest({ tools }))) {
      if (part.type === 'text-delta') break
    }
    await server.requests[0]?.closed
    expect(server.requests).toHaveLength(1)
  })

  it('ends as cancelled when aborted, though the provider says nothing, and closes the connection', async () => {
    const { chunks } = wireAnswers[kind]
    await using server = await startWireServer(() => ({
      chunks: chunks.slice(0, -3),
      end: 'silent',
    }))
    const abort = new AbortController()
    const request = sampleModelRequest({ tools, signal: abort.signal })
    const types: string[] = []
    for await (const part of modelAt(server, kind).stream(request)) {
      types.push(part.type === 'error' ? part.error.code : part.type)
      if (part.type === 'text-delta') abort.abort()
    }
    expect(types.at(-1)).toBe('cancelled')
    await server.requests[0]?.closed
  })

  it('uses one connection for calls that follow each other', async () => {
    const { chunks } = wireAnswers[kind]
    await using server = await startWireServer(() => ({ chunks, endDelayMs: 15 }))
    const model = modelAt(server, kind)
    for (let call = 0; call < 3; call += 1) {
      await collectParts(model.stream(sampleModelRequest({ tools })))
      await server.requests[call]?.closed
      await nextTurn()
    }
    expect(server.connections).toBe(1)
  })
})

describe('what OpenAI-compatible endpoints leave out', () => {
  it('of their usage stays unknown', async () => {
    const chunks = toEventStream([
      { id: 'x', choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] },
      { id: 'x', choices: [], usage: { prompt_tokens: 4, completion_tokens: 1 } },
    ])
    await using server = await startWireServer(() => ({ chunks }))
    const model = modelAt(server, 'openai-compatible')
    const parts = await collectParts(model.stream(sampleModelRequest()))
    expect(parts.at(-1)).toEqual({
      type: 'finish',
      reason: 'stop',
      usage: { ...noUsage, promptTokens: 4, completionTokens: 1, totalTokens: 5 },
    })
  })
})

describe('what is sent to OpenAI-compatible endpoints', () => {
  it('asks for chat completions with usage, and keeps the arguments of old calls byte for byte', async () => {
    const spaced = '{"left":  1}'
    const body = await bodySent('openai-compatible', {
      tools,
      parallelToolCalls: false,
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'hi' }] },
        {
          role: 'assistant',
          content: [{ type: 'text', text: 'one moment' }],
          toolCalls: [{ callId: 'functions.add:0', name: 'add', arguments: spaced }],
          model: null,
        },
        {
          role: 'tool',
          returns: [{ callId: 'functions.add:0', name: 'add', text: '1', isError: false }],
        },
      ],
    })
    expect(body).toMatchObject({
      model: 'test-model',
      stream: true,
      stream_options: { include_usage: true },
      parallel_tool_calls: false,
      tool_choice: 'auto',
    })
    expect(body['messages']).toEqual([
      { role: 'system', content: 'You are helpful.' },
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: 'one moment',
        tool_calls: [
          { id: 'functions_add_0', type: 'function', function: { name: 'add', arguments: spaced } },
        ],
      },
      { role: 'tool', tool_call_id: 'functions_add_0', content: '1' },
    ])
  })

  it('wraps arguments that are no JSON object, as servers refuse them otherwise', async () => {
    const body = await bodySent('openai-compatible', {
      messages: [
        {
          role: 'assistant',
          content: [],
          toolCalls: [{ callId: 'a', name: 'add', arguments: '{"left": ' }],
          model: null,
        },
      ],
    })
    expect(JSON.stringify(body['messages'])).toContain(
      JSON.stringify(JSON.stringify({ invalid_arguments: '{"left": ' })),
    )
  })

  it('leaves out what was not asked for', async () => {
    const body = await bodySent('openai-compatible', { settings: { reasoning: {} } })
    expect(Object.keys(body).toSorted()).toEqual(['messages', 'model', 'stream', 'stream_options'])
  })

  it('sends no authorization without a key', async () => {
    const { chunks } = wireAnswers['openai-compatible']
    await using server = await startWireServer(() => ({ chunks }))
    const model = modelAt(server, 'openai-compatible', { apiKey: null })
    await collectParts(model.stream(sampleModelRequest()))
    await collectParts(modelAt(server, 'openai-compatible').stream(sampleModelRequest()))
    const sent = server.requests.map(({ headers }) => headers.authorization)
    expect(sent).toEqual([undefined, 'Bearer secret-key'])
  })

  it('sends an image, a forced tool and a JSON schema', async () => {
    const body = await bodySent('openai-compatible', {
      tools,
      toolChoice: { name: 'add' },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'what is this' },
            {
              type: 'image',
              source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' },
            },
          ],
        },
      ],
      settings: {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'answer', schema: { type: 'object', properties: {} } },
        },
      },
    })
    expect(body).toMatchObject({
      tool_choice: { type: 'function', function: { name: 'add' } },
      response_format: { type: 'json_schema', json_schema: { name: 'answer' } },
    })
    expect(JSON.stringify(body['messages'])).toContain('data:image/png;base64,iVBORw0KGgo=')
  })
})

describe('what is sent to Anthropic', () => {
  it('marks the system text and the last message for the cache', async () => {
    const body = await bodySent('anthropic', {
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'first' }] },
        {
          role: 'assistant',
          content: [{ type: 'text', text: 'yes' }],
          toolCalls: [],
          model: null,
        },
        { role: 'user', content: [{ type: 'text', text: 'second' }] },
      ],
    })
    const cached = { cache_control: { type: 'ephemeral' } }
    expect(body['system']).toEqual([{ type: 'text', text: 'You are helpful.', ...cached }])
    expect(body['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'first' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'yes' }] },
      { role: 'user', content: [{ type: 'text', text: 'second', ...cached }] },
    ])
    expect(body['max_tokens']).toBe(8_000)
  })

  it('sends thoughts back to the model that had them, and to no other', async () => {
    const history = (model: string): Partial<ModelRequest> => ({
      tools,
      settings: { thinking: { type: 'enabled', budget_tokens: 2_000 } },
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'hi' }] },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'hm', signature: 'c2ln' },
            { type: 'reasoning-hidden', data: 'b3BhcXVl' },
          ],
          toolCalls: [{ callId: 'a', name: 'now', arguments: '{}' }],
          model,
        },
        { role: 'tool', returns: [{ callId: 'a', name: 'now', text: 'no', isError: true }] },
      ],
    })
    const own = await bodySent('anthropic', history('anthropic/test-model'))
    expect(JSON.stringify(own['messages'])).toContain('"signature":"c2ln"')
    expect(JSON.stringify(own['messages'])).toContain('"data":"b3BhcXVl"')
    expect(JSON.stringify(own['messages'])).toContain('"is_error":true')
    expect(own['thinking']).toEqual({ type: 'enabled', budget_tokens: 2_000 })
    const other = await bodySent('anthropic', history('openai/gpt-4o'))
    expect(JSON.stringify(other['messages'])).not.toContain('thinking')
    expect(other['thinking']).toBeUndefined()
  })
})

describe('what is sent to Google', () => {
  it('attaches the signature of a call to the call', async () => {
    const body = await bodySent('google', {
      tools,
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'hi' }] },
        {
          role: 'assistant',
          content: [
            {
              type: 'reasoning-hidden',
              data: JSON.stringify({ callId: 'a', thoughtSignature: 'dGhvdWdodA==' }),
            },
          ],
          toolCalls: [{ callId: 'a', name: 'now', arguments: '{}' }],
          model: 'google_ai/test-model',
        },
        { role: 'tool', returns: [{ callId: 'a', name: 'now', text: 'noon', isError: false }] },
      ],
    })
    expect(JSON.stringify(body['contents'])).toContain('"thoughtSignature":"dGhvdWdodA=="')
  })
})

describe('what is sent to OpenAI', () => {
  it('keeps nothing there and sends encrypted thoughts back', async () => {
    const signature = JSON.stringify({ itemId: 'rs_0', reasoningEncryptedContent: 'ZW5j' })
    const request: Partial<ModelRequest> = {
      settings: { reasoning: { reasoning_effort: 'low' } },
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'hi' }] },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning-hidden', data: signature },
            { type: 'text', text: 'hello' },
          ],
          toolCalls: [],
          model: 'openai/gpt-5.4-mini',
        },
        { role: 'user', content: [{ type: 'text', text: 'again' }] },
      ],
    }
    const body = await bodySent('openai', request, { name: 'gpt-5.4-mini' })
    expect(body['reasoning']).toEqual({ effort: 'low' })
    expect(body['store']).toBe(false)
    expect(JSON.stringify(body['input'])).toContain('"encrypted_content":"ZW5j"')
  })

  it('uses chat completions for models that do not reason', async () => {
    await using server = await startWireServer(() => ({
      chunks: wireAnswers['openai-compatible'].chunks,
    }))
    const model = modelAt(server, 'openai', { reasoning: false })
    const parts = await collectParts(model.stream(sampleModelRequest({ tools, temperature: 0.3 })))
    expect(server.requests[0]?.path).toBe('/v1/chat/completions')
    expect(parts.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' })
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({ temperature: 0.3 })
  })
})
