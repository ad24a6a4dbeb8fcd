import { expect, test } from 'vitest'
import { dataOf, describeWire, readFrames, type Wire } from './open-wire.ts'

const agentId = 'agent-00000000-0000-4000-8000-00000000dead'
const example = 'agent-123e4567-e89b-42d3-8456-426614174000'

interface Refusal {
  readonly status: number
  readonly body: {
    readonly detail: string
    readonly trace_id?: string
    readonly examples?: string[]
    readonly code?: string
  }
}

async function refused(reply: Promise<Response> | Response): Promise<Refusal> {
  const response = await reply
  return { status: response.status, body: (await response.json()) as Refusal['body'] }
}

/** What an agent has been told so far. */
async function told(wire: Wire, id: string): Promise<readonly unknown[]> {
  const { items } = await wire.client.agents.messages.list(id)
  return items.flatMap((message) =>
    message.message_type === 'user_message' ? [message.content] : [],
  )
}

describeWire('bad input', (open) => {
  test.each([
    ['{"name": ', 'json_invalid'],
    ['not json', 'json_invalid'],
    ['[]', 'model_attributes_type'],
    ['"text"', 'model_attributes_type'],
    ['{"name": 5}', "'msg': 'Input should be a valid string'"],
    ['{"name": "a<b"}', 'string_pattern_mismatch'],
    ['{"agent_type": "robot"}', "Input should be 'memgpt_agent', "],
    ['{"tool_ids": ["tool-1"]}', 'tool-{uuid4}'],
    ['{"timezone": "Mars/Olympus"}', 'IANA'],
    ['{"embedding": "small"}', 'provider/model-name'],
    ['{"memory_blocks": [{"value": "x"}]}', "'loc': ('body', 'memory_blocks', 0, 'label')"],
    ['{"context_window_limit": 0}', 'greater than or equal to 1'],
  ])('creating an agent from %s is refused with %s [errors.detail]', async (body, text) => {
    await using wire = await open()
    const refusal = await refused(wire.send('POST', '/v1/agents/', body))
    expect(refusal.status).toBe(422)
    expect(refusal.body.trace_id).toBe('')
    expect(refusal.body.detail).toContain(text)
    expect((await wire.client.agents.list({})).items).toEqual([])
  })

  test.each([
    ['POST', '/v1/archives/', { name: 'x', colour: 'red' }, 'colour'],
    ['POST', `/v1/agents/${agentId}/archival-memory`, { text: 'x', metadata: {} }, 'metadata'],
    ['POST', '/v1/keys/', { name: 'x', scope: 'all' }, 'scope'],
  ])('%s %s refuses unknown fields [errors.extra-fields]', async (method, path, body, field) => {
    await using wire = await open()
    const { status, body: reply } = await refused(wire.send(method, path, body))
    expect(status).toBe(422)
    expect(reply.detail).toContain(`'type': 'extra_forbidden', 'loc': ('body', '${field}')`)
  })

  test('a body that is not UTF-8 is refused and nothing of it stored [errors.detail]', async () => {
    await using wire = await open()
    const body = Buffer.from('{"name": "Zo\xeb"}', 'latin1')
    const headers = { 'content-type': 'application/json' }
    const refusal = await refused(wire.fetch('/v1/agents/', { method: 'POST', body, headers }))
    expect(refusal.status).toBe(422)
    expect(refusal.body.detail).toContain('The body is not encoded as UTF-8')
    expect((await wire.client.agents.list({})).items).toEqual([])
  })

  test.each([
    ['PUT', '/v1/agents/', 'GET, POST'],
    ['PUT', `/v1/agents/${agentId}/`, 'GET, PATCH, DELETE'],
    ['DELETE', '/latest/health', 'GET'],
  ])('%s %s is 405 and names %s [transport.methods]', async (method, path, allowed) => {
    await using wire = await open()
    const reply = await wire.fetch(path, { method })
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, allowed])
    expect(await reply.json()).toEqual({ detail: 'Method Not Allowed' })
  })

  test('agents, blocks and messages ignore fields they do not know [errors.ignored-fields]', async () => {
    await using wire = await open({ script: [{ text: 'ok' }] })
    const created = await wire.send('POST', '/v1/agents/', { name: 'Ada', colour: 'red' })
    const { id } = (await created.json()) as { id: string }
    expect(
      (await wire.send('POST', '/v1/blocks/', { label: 'x', value: '', colour: 'red' })).status,
    ).toBe(200)
    expect((await wire.send('PATCH', `/v1/agents/${id}`, { colour: 'red' })).status).toBe(200)
    expect(
      (await wire.send('POST', `/v1/agents/${id}/messages`, { input: 'Hi', colour: 'red' })).status,
    ).toBe(200)
  })

  test.each([
    ['GET', '/v1/agents/agent-1', 422],
    ['GET', `/v1/agents/${agentId.toUpperCase()}`, 422],
    ['GET', '/v1/agents/agent-00000000-0000-1000-8000-000000000000', 422],
    ['DELETE', '/v1/agents/nobody', 422],
    ['GET', '/v1/blocks/block-1', 422],
    ['GET', '/v1/tools/tool-1', 422],
    ['GET', '/v1/messages/message-1', 422],
    ['GET', '/v1/archives/archive-1', 422],
    ['GET', '/v1/steps/step-1', 422],
    ['GET', '/v1/conversations/conv-1', 422],
    ['GET', '/v1/conversations/default', 422],
    ['GET', '/v1/runs/run-1', 400],
    ['GET', `/v1/agents/${agentId}`, 404],
    ['GET', `/v1/agents/${agentId}/messages`, 404],
    ['GET', `/v1/agents/${agentId}/tools`, 404],
    ['GET', `/v1/agents/${agentId}/core-memory/blocks`, 404],
    ['GET', `/v1/agents/${agentId}/archival-memory`, 404],
    ['GET', '/v1/runs/run-00000000-0000-4000-8000-00000000dead', 404],
    ['GET', '/v1/agents/?order=sideways', 422],
    ['GET', '/v1/agents/?limit=many', 422],
    ['GET', '/v1/agents/?limit=0', 422],
    ['GET', '/v1/blocks/?label=a%20b', 422],
  ])('%s %s is %i [ids.path, errors.not-found]', async (method, path, expected) => {
    await using wire = await open()
    const { status, body } = await refused(wire.fetch(path, { method }))
    expect(status).toBe(expected)
    expect(typeof body.detail).toBe('string')
    const isMissingAgent = expected === 404 && path.includes(agentId)
    expect(body.detail === 'Agent not found').toBe(isMissingAgent)
  })

  test('a malformed id is answered with the pattern and an example [ids.path]', async () => {
    await using wire = await open()
    const { body } = await refused(wire.fetch('/v1/agents/agent-1'))
    expect(body.examples).toEqual([example])
    expect(body.detail).toContain("String should match pattern 'agent-{uuid4}'")
    expect(body.detail).toContain("'loc': ('path', 'agent_id')")
  })

  test.each(['/messages', '/messages/stream', '/messages/async'])(
    'sending to a missing agent by %s is 404 [errors.not-found]',
    async (path) => {
      await using wire = await open()
      const reply = await refused(
        wire.send('POST', `/v1/agents/${agentId}${path}`, { input: 'Hi' }),
      )
      expect(reply).toMatchObject({ status: 404, body: { detail: 'Agent not found' } })
    },
  )

  test.each([`default/messages`, `default/stream`, `${agentId}/messages`])(
    'the own conversation of a missing agent by %s is a missing agent [errors.not-found]',
    async (path) => {
      await using wire = await open()
      const body = { agent_id: agentId, messages: [{ role: 'user', content: 'Hi' }] }
      const reply = await refused(wire.send('POST', `/v1/conversations/${path}`, body))
      expect(reply).toMatchObject({ status: 404, body: { detail: 'Agent not found' } })
    },
  )

  test.each([
    ['no message', { messages: [] }, 'Messages must not be empty'],
    [
      'an empty text',
      { messages: [{ role: 'user', content: '' }] },
      'Message content must not be empty',
    ],
    ['blanks', { input: ' \n ' }, 'Message content must not be empty'],
    [
      'no parts',
      { messages: [{ role: 'user', content: [] }] },
      'Message content must not be empty',
    ],
    ['only characters that are stripped', { input: '\0\0' }, 'Message content must not be empty'],
    [
      'an odd role',
      { messages: [{ role: 'tool', content: 'x' }] },
      "Input should be 'user', 'system' or 'assistant'",
    ],
    [
      'an odd type',
      { messages: [{ type: 'odd', role: 'user', content: 'x' }] },
      'union_tag_invalid',
    ],
    ['no steps', { input: 'x', max_steps: 0 }, 'greater than or equal to 1'],
  ])('a request with %s is refused before acceptance [errors.empty]', async (_name, body, text) => {
    await using wire = await open()
    const agent = await wire.test.createAgent()
    for (const path of ['messages', 'messages/stream', 'messages/async']) {
      const reply = await refused(wire.send('POST', `/v1/agents/${agent.id}/${path}`, body))
      expect(reply.status).toBe(422)
      expect(reply.body.detail).toContain(text)
    }
    expect(await told(wire, agent.id)).toEqual([])
  })

  test('a body of 10 MB is 413, announced or not, and nothing is stored [errors.body-limit]', async () => {
    await using wire = await open()
    const agent = await wire.test.createAgent()
    const path = `/v1/agents/${agent.id}/messages`
    const text = JSON.stringify({ input: 'x'.repeat(10 * 1024 * 1024) })
    const announced = await refused(wire.send('POST', path, text))
    expect(announced).toMatchObject({ status: 413, body: { code: 'payload_too_large' } })
    const pieces = new Blob([text]).stream()
    const init = { method: 'POST', body: pieces, duplex: 'half' } as RequestInit
    expect((await refused(wire.fetch(path, init))).status).toBe(413)
    await expect(
      wire.client.agents.messages.create(agent.id, { input: 'x'.repeat(10 * 1024 * 1024) }),
    ).rejects.toMatchObject({ status: 413 })
    expect(await told(wire, agent.id)).toEqual([])
  })

  test('a message larger than the window is 400 with its tokens, and nothing is stored [errors.window]', async () => {
    await using wire = await open()
    const agent = await wire.client.agents.create({ context_window_limit: 4000 })
    const path = `/v1/agents/${agent.id}/messages`
    for (const route of [path, `${path}/stream`, `${path}/async`]) {
      const reply = await refused(wire.send('POST', route, { input: 'word '.repeat(20_000) }))
      expect(reply.status).toBe(400)
      expect(reply.body.detail).toMatch(/has about \d{5} tokens/)
    }
    expect(await told(wire, agent.id)).toEqual([])
  })

  test('NUL and lone surrogates are taken out of every text, and the header counts them [transport.stripped]', async () => {
    await using wire = await open({ script: [{ text: 'ok' }, { text: 'ok' }] })
    const block = await wire.send(
      'POST',
      '/v1/blocks/',
      String.raw`{"label": "x", "value": "a\u0000b\ud800c🐘", "metadata": {"k\u0000": ["\udc00"]}}`,
    )
    expect(block.headers.get('x-letta-stripped')).toBe('4')
    expect(await block.json()).toMatchObject({ value: 'abc🐘', metadata: { k: [''] } })
    const agent = await wire.test.createAgent()
    const sent = await wire.send(
      'POST',
      `/v1/agents/${agent.id}/messages`,
      String.raw`{"input": "He\u0000llo \ud83d!"}`,
    )
    expect(sent.headers.get('x-letta-stripped')).toBe('2')
    const streamed = await wire.send(
      'POST',
      `/v1/agents/${agent.id}/messages/stream`,
      String.raw`{"input": "\ud83dWorld"}`,
    )
    expect(streamed.headers.get('x-letta-stripped')).toBe('1')
    expect(dataOf(await readFrames(streamed))).not.toEqual([])
    expect(await told(wire, agent.id)).toEqual(['Hello !', 'World'])
    const clean = await wire.send('POST', '/v1/blocks/', { label: 'x', value: 'clean' })
    expect(clean.headers.get('x-letta-stripped')).toBeNull()
    expect((await wire.fetch('/v1/agents/?name=%00Ada')).status).toBe(200)
  })

  test('a body nested to exhaust the stack is refused [errors.detail]', async () => {
    await using wire = await open()
    const deep = `{"label": "x", "value": "", "metadata": ${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`
    const reply = await refused(wire.send('POST', '/v1/blocks/', deep))
    expect(reply.status).toBe(422)
    expect(reply.body.detail).toContain('nested deeper')
  })

  test('messages cannot be edited [errors.immutable]', async () => {
    await using wire = await open()
    const agent = await wire.test.createAgent()
    const path = `/v1/agents/${agent.id}/messages/message-00000000-0000-4000-8000-00000000dead`
    const reply = await refused(wire.send('PATCH', path, {}))
    expect(reply.status).toBe(405)
    expect(reply.body.detail).toMatch(/^Message editing is no longer supported\./)
  })

  test.each([
    [{ include_multi_agent_tools: true }, 501],
    [{ message_buffer_autoclear: true }, 501],
    [{ tool_rules: [{ type: 'run_first', tool_name: 'memory_insert' }] }, 501],
    [{ tool_rules: [{ type: 'exit_loop' }] }, 400],
    [{ folder_ids: ['source-1'] }, 404],
    [{ block_ids: ['block-00000000-0000-4000-8000-00000000dead'] }, 404],
    [
      {
        memory_blocks: [
          { label: 'a', value: '' },
          { label: 'a', value: '' },
        ],
      },
      409,
    ],
  ])(
    'creating an agent with %o is refused with %i, not ignored [errors.detail]',
    async (body, status) => {
      await using wire = await open()
      expect((await refused(wire.send('POST', '/v1/agents/', body))).status).toBe(status)
      expect((await wire.client.agents.list({})).items).toEqual([])
    },
  )
})
