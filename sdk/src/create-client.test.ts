import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createClient } from './create-client.ts'
import type { Embedded } from './embedded.ts'
import { LettaError } from './errors.ts'
import type { UserMessageOptions } from './turn-options.ts'

type Handler = (request: Request) => Response | Promise<Response>

/** A client of a product that answers with `handle`, and the requests it got. */
function createEmbedded(handle: Handler) {
  const requests: Request[] = []
  const embedded: Embedded = {
    dataPath: '/data',
    fetch: (request) => {
      requests.push(request.clone())
      return handle(request)
    },
    recover: async () => 0,
    close: async () => undefined,
  }
  const home = mkdtempSync(join(tmpdir(), 'letta-client-'))
  const client = createClient({ home, openEmbedded: async () => embedded })
  return { client, requests }
}

function toStream(...frames: readonly (object | string)[]): Response {
  const text = frames
    .map((frame) => (typeof frame === 'string' ? frame : `data: ${JSON.stringify(frame)}\n\n`))
    .join('')
  return new Response(text, { headers: { 'content-type': 'text/event-stream' } })
}

const ping = { id: 'ping-1', date: '', message_type: 'ping', run_id: 'run-1' }
const stopped = { message_type: 'stop_reason', stop_reason: 'end_turn', seq_id: 500 }

function said(content: string, seq_id: number): object {
  return { id: 'message-1', date: '', message_type: 'assistant_message', content, seq_id }
}

test('createClient() sends nothing and knows no mode before the first request', async () => {
  const { client, requests } = createEmbedded(() => Response.json([]))
  expect(client.mode).toBeNull()
  await client.letta.agents.list()
  expect(client.mode).toBe('embedded')
  expect(client.dataPath).toBe('/data')
  expect(requests.map(({ url }) => new URL(url).pathname)).toEqual(['/v1/agents/'])
})

test('createClient() refuses an option or a mode that does not exist', () => {
  const misspelt: object = { baseURL: 'http://localhost:8283' }
  expect(() => createClient(misspelt)).toThrow(/there is no option baseURL\. Use some of: mode, /)
  const unknown: object = { mode: 'remote' }
  expect(() => createClient(unknown)).toThrow(/the mode "remote" does not exist/)
})

test('a message without an agent or without words is refused before it is sent', async () => {
  const { client, requests } = createEmbedded(() => Response.json([]))
  const given: readonly (readonly [object, string])[] = [
    [{ agentId: 'agent-1' }, 'it is empty'],
    [{ agentId: 'agent-1', message: ' ' }, 'it is empty'],
    [{ message: 'Hello.' }, 'no agent is named'],
    [{ agentId: '', message: 'Hello.' }, 'no agent is named'],
  ]
  for (const [options, state] of given) {
    const expected = { code: 'invalid_argument', message: expect.stringContaining(state) }
    await expect(client.userMessage(options as UserMessageOptions)).rejects.toMatchObject(expected)
    await expect(client.submitMessage(options as UserMessageOptions)).rejects.toMatchObject(
      expected,
    )
  }
  expect(requests).toEqual([])
})

test('createAgent() makes the blocks of base_memory and names the tools', async () => {
  const { client, requests } = createEmbedded(() => Response.json({ id: 'agent-1' }))
  const agent = await client.createAgent({ name: 'Ada', memoryType: 'base_memory', human: 'Bo' })
  expect(agent.id).toBe('agent-1')
  const body: unknown = await requests[0]?.json()
  expect(body).toMatchObject({
    name: 'Ada',
    model: 'letta/auto',
    include_base_tools: false,
    tools: expect.arrayContaining(['core_memory_replace', 'conversation_search']),
    memory_blocks: [
      { label: 'persona', value: expect.stringContaining('Ada') },
      { label: 'human', value: 'Bo' },
    ],
  })
})

test('createAgent() refuses another kind of memory and lists those there are', async () => {
  const { client } = createEmbedded(() => Response.json({}))
  // @ts-expect-error -- callers of plain JavaScript can pass anything
  const creation = client.createAgent({ name: 'Ada', memoryType: 'graph' })
  await expect(creation).rejects.toThrow('Use one of: base_memory')
})

test('getOrCreateAgent() takes the agent of that name when there is one', async () => {
  const { client, requests } = createEmbedded(() => Response.json([{ id: 'agent-7' }]))
  expect((await client.getOrCreateAgent({ name: 'Ada' })).id).toBe('agent-7')
  expect(requests).toHaveLength(1)
})

test('getOrCreateAgent() leaves it to the server whether one was made in the meantime', async () => {
  const { client, requests } = createEmbedded((request) =>
    Response.json(request.method === 'GET' ? [] : { id: 'agent-8' }),
  )
  const options = { name: 'Ada', tags: ['mine'], by: 'tags' } as const
  expect((await client.getOrCreateAgent(options)).id).toBe('agent-8')
  const [listed, created] = requests
  expect(new URL(listed?.url ?? '').search).toContain('match_all_tags=true')
  expect(await created?.json()).toMatchObject({ tags: ['mine'], get_or_create_by: 'tags' })
})

test('userMessage() returns the answer first, and sends a key that makes repeats harmless', async () => {
  const { client, requests } = createEmbedded(() => toStream(ping, said('Hi', 100), stopped))
  const response = await client.userMessage({ agentId: 'agent-1', message: 'Hello' })
  expect(response[0].text).toBe('Hi')
  expect(response.runId).toBe('run-1')
  expect(new URL(requests[0]?.url ?? '').pathname).toBe('/v1/conversations/default/messages')
  const body: unknown = await requests[0]?.json()
  expect(body).toMatchObject({
    agent_id: 'agent-1',
    streaming: true,
    messages: [{ role: 'user', content: 'Hello', otid: expect.any(String) }],
  })
})

test('userMessage() takes up a stream that was cut, after the last frame it got', async () => {
  const { client, requests } = createEmbedded((request) =>
    request.url.endsWith('/stream')
      ? toStream(said(' there', 200), stopped)
      : toStream(ping, said('Hi', 100)),
  )
  const response = await client.userMessage({ agentId: 'agent-1', message: 'Hello' })
  expect(response[0].text).toBe('Hi there')
  expect(requests.map(({ url }) => new URL(url).pathname)).toEqual([
    '/v1/conversations/default/messages',
    '/v1/runs/run-1/stream',
  ])
  expect(await requests[1]?.json()).toMatchObject({ starting_after: 100 })
})

test('userMessage() throws what the run failed with, and the run to retry', async () => {
  const failure = {
    message_type: 'error_message',
    run_id: 'run-1',
    error_type: 'llm_error',
    message: 'An error occurred with the LLM request.',
    detail: 'Cannot reach openai: connection refused. Start it.',
  }
  const { client } = createEmbedded(() =>
    toStream(
      ping,
      { message_type: 'stop_reason', stop_reason: 'llm_api_error' },
      `event: error\ndata: ${JSON.stringify(failure)}\n\n`,
    ),
  )
  const sending = client.userMessage({ agentId: 'agent-1', message: 'Hello' })
  await expect(sending).rejects.toMatchObject({
    name: 'LettaError',
    code: 'llm_error',
    runId: 'run-1',
    message: 'Cannot reach openai: connection refused. Start it.',
  })
})

test('userMessage() does not take a failed run whose error frame was lost for an answer', async () => {
  const { client } = createEmbedded(() =>
    toStream(ping, said('Half', 100), { message_type: 'stop_reason', stop_reason: 'error' }),
  )
  const sending = client.userMessage({ agentId: 'agent-1', message: 'Hello' })
  await expect(sending).rejects.toMatchObject({ code: 'error', runId: 'run-1' })
})

test('userMessage() ends when its signal aborts, and names the run that goes on', async () => {
  const abort = new AbortController()
  const { client, requests } = createEmbedded(() => {
    const text = [ping, said('Hi', 100)].map((frame) => `data: ${JSON.stringify(frame)}\n\n`)
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(text.join(''))),
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  })
  const events = client.streamMessage({ agentId: 'a', message: 'Hello', signal: abort.signal })
  const collect = async () => {
    for await (const event of events) if (event.type === 'text') abort.abort()
  }
  await expect(collect()).rejects.toMatchObject({ code: 'aborted', runId: 'run-1' })
  expect(requests).toHaveLength(1)
})

test('userMessage() refuses an empty message without a request', async () => {
  const { client, requests } = createEmbedded(() => toStream())
  await expect(client.userMessage({ agentId: 'a', message: ' \n' })).rejects.toThrow('it is empty')
  expect(requests).toEqual([])
})

test.each([
  [404, { detail: 'Agent not found' }, 'not_found', 'Agent not found'],
  [400, { detail: 'INVALID_ARGUMENT: Cannot x.' }, 'invalid_argument', 'Cannot x.'],
  [
    402,
    { error: { type: 'llm_insufficient_credits', message: 'M', detail: 'D' } },
    'llm_insufficient_credits',
    'D',
  ],
  [409, { detail: { code: 'PENDING_APPROVAL', message: 'Waits' } }, 'pending_approval', 'Waits'],
])('a reply with status %i becomes a typed error', async (status, body, code, message) => {
  const { client } = createEmbedded(() =>
    Response.json(body, { status, headers: { 'x-should-retry': 'false' } }),
  )
  const creation = client.createAgent({ name: 'Ada' })
  await expect(creation).rejects.toMatchObject({ code, status, message })
})

test('a client that cannot open the product says so once, without trying again', async () => {
  const attempts: string[] = []
  const client = createClient({
    home: mkdtempSync(join(tmpdir(), 'letta-client-')),
    openEmbedded: async ({ home }) => {
      attempts.push(home)
      throw new LettaError('storage_newer', 'Cannot open the database: it is newer.')
    },
  })
  await expect(client.createAgent({ name: 'Ada' })).rejects.toMatchObject({
    code: 'storage_newer',
    message: 'Cannot open the database: it is newer.',
  })
  expect(attempts).toHaveLength(1)
})

test('createClient() in mode http without a server says how to get one', async () => {
  const home = mkdtempSync(join(tmpdir(), 'letta-client-'))
  const client = createClient({ mode: 'http', home })
  await expect(client.connect()).rejects.toThrow('Start one with `letta server`')
})

test('createClient() with a URL sends its key there', async () => {
  const sent: Headers[] = []
  const client = createClient({
    baseUrl: 'http://letta.example/base/',
    apiKey: 'sk-1',
    fetch: async (input, init) => {
      sent.push(new Headers(init?.headers))
      return Response.json({ url: new Request(input).url })
    },
  })
  expect(client.mode).toBe('http')
  expect(client.dataPath).toBeNull()
  expect(await client.letta.get('/v1/x')).toEqual({ url: 'http://letta.example/base/v1/x' })
  expect(sent[0]?.get('authorization')).toBe('Bearer sk-1')
})

test('a closed client refuses requests', async () => {
  const { client } = createEmbedded(() => Response.json([]))
  await client.connect()
  await client.close()
  await expect(client.createAgent({ name: 'Ada' })).rejects.toMatchObject({ code: 'client_closed' })
})

test('submitMessage() resolves with the run as soon as it is accepted, whatever the stream does', async () => {
  const { client, requests } = createEmbedded(() => {
    const endless = new ReadableStream({ start: () => undefined })
    return new Response(endless, {
      headers: { 'content-type': 'text/event-stream', 'x-letta-run-id': 'run-1' },
    })
  })
  const sent = { agentId: 'agent-1', conversationId: 'conv-1', message: 'Tidy up.', otid: 'o-1' }
  expect(await client.submitMessage(sent)).toBe('run-1')
  expect(await requests[0]?.json()).toMatchObject({
    background: true,
    messages: [{ role: 'user', content: 'Tidy up.', otid: 'o-1' }],
  })
})

test('submitMessage() refuses an empty message', async () => {
  const { client, requests } = createEmbedded(() => Response.json({}))
  const sending = client.submitMessage({ agentId: 'agent-1', message: ' ' })
  await expect(sending).rejects.toMatchObject({ code: 'invalid_argument' })
  expect(requests).toEqual([])
})

test.each([
  ['cancelled', true],
  ['failed', false],
])('cancel() of a run whose result is %s resolves with %s', async (result, expected) => {
  const { client, requests } = createEmbedded((request) =>
    Response.json(
      request.method === 'GET' ? { id: 'run-1', agent_id: 'agent-1' } : { 'run-1': result },
    ),
  )
  expect(await client.cancel({ runId: 'run-1' })).toBe(expected)
  expect(new URL(requests[1]?.url ?? '').pathname).toBe('/v1/agents/agent-1/messages/cancel')
  expect(await requests[1]?.json()).toEqual({ run_ids: ['run-1'] })
})

test('follow() from a number goes on behind it, also after a cut', async () => {
  const numbers: unknown[] = []
  const { client } = createEmbedded(async (request) => {
    const { starting_after: after } = (await request.json()) as { starting_after: number }
    numbers.push(after)
    return numbers.length === 1
      ? toStream({ ...said('Hel', 300), run_id: 'run-1' })
      : toStream(said('lo', 400), stopped)
  })
  const texts: string[] = []
  for await (const event of client.follow({ runId: 'run-1', after: 200 })) {
    if (event.type === 'text') texts.push(event.text)
  }
  expect([numbers, texts]).toEqual([
    [200, 300],
    ['Hel', 'lo'],
  ])
})

test('facts().instructions() reads every page', async () => {
  const all = Array.from({ length: 503 }, (_, index) => ({ id: `fact-${index}` }))
  const { client } = createEmbedded((request) => {
    const { searchParams } = new URL(request.url)
    const offset = Number(searchParams.get('offset'))
    return Response.json(all.slice(offset, offset + Number(searchParams.get('limit') ?? 50)))
  })
  expect(await client.facts('agent-1').instructions()).toEqual(all)
})
