import { expect, test } from 'vitest'
import { defaultScope } from '../../src/domain/scope.ts'
import { dataOf, describeWire, readFrames, type Wire } from './open-wire.ts'

const messages = [{ role: 'user' as const, content: 'Hi' }]

const turn = [
  {
    reasoning: 'Let me see.',
    text: ['One ', 'two.'],
    toolCalls: [
      { name: 'core_memory_append', arguments: { label: 'human', content: 'a' }, callId: 'call-a' },
      { name: 'core_memory_append', arguments: { label: 'human', content: 'b' }, callId: 'call-b' },
    ],
  },
  { text: 'Three.' },
]

async function stream(wire: Wire, body: object = {}): Promise<Response> {
  const agent = await wire.test.createAgent()
  return await wire.send('POST', `/v1/agents/${agent.id}/messages/stream`, { messages, ...body })
}

const type = (frame: Record<string, unknown>): unknown => frame['message_type']

describeWire('streams', (open) => {
  test('step streams send whole messages and end as known [stream.framing, stream.steps, stream.numbers]', async () => {
    await using wire = await open({ script: turn })
    const response = await stream(wire)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const runId = response.headers.get('x-letta-run-id')
    const frames = await readFrames(response)
    expect(frames.every(({ event }) => event === null)).toBe(true)
    expect(frames.at(-1)).toEqual({ event: null, data: '[DONE]' })
    const data = dataOf(frames)
    expect(data.map(type)).toEqual([
      'ping',
      'reasoning_message',
      'assistant_message',
      'tool_call_message',
      'tool_return_message',
      'assistant_message',
      'stop_reason',
      'usage_statistics',
    ])
    expect(data.every((frame) => frame['run_id'] === runId)).toBe(true)
    const numbers = data.slice(1).map((frame) => Number(frame['seq_id']))
    expect(numbers.every((number, index) => number > (numbers[index - 1] ?? 0))).toBe(true)
    expect(data[2]).toMatchObject({ content: 'One two.', name: null, is_err: null })
    expect(Object.values(data[3] ?? {})).not.toContain(null)
    expect(data[3]).toMatchObject({
      tool_calls: [{ tool_call_id: 'call-a' }, { tool_call_id: 'call-b' }],
    })
  })

  test('token streams send deltas that add up to what is stored [stream.tokens, messages.conversion]', async () => {
    await using wire = await open({ script: turn })
    const agent = await wire.test.createAgent()
    const events = await wire.client.agents.messages.stream(agent.id, {
      messages,
      stream_tokens: true,
    })
    const seen: Record<string, unknown>[] = []
    for await (const event of events) seen.push({ ...event })
    const texts = new Map<string, string>()
    for (const frame of seen) {
      const text = frame['content'] ?? frame['reasoning']
      const key = `${String(frame['id'])} ${String(frame['otid'])}`
      if (typeof text === 'string') texts.set(key, (texts.get(key) ?? '') + text)
    }
    const { items } = await wire.client.agents.messages.list(agent.id)
    const stored = items.flatMap((item): [string, unknown][] => {
      const key = `${item.id} ${item.otid}`
      if (item.message_type === 'assistant_message') return [[key, item.content]]
      return item.message_type === 'reasoning_message' ? [[key, item.reasoning]] : []
    })
    expect(stored).toHaveLength(3)
    expect([...texts]).toEqual(stored)
    const calls = seen.filter((frame) => type(frame) === 'tool_call_message')
    const written = new Map<string, string>()
    for (const { tool_call: delta } of calls as {
      tool_call: { tool_call_id: string; arguments: string }
    }[]) {
      written.set(delta.tool_call_id, (written.get(delta.tool_call_id) ?? '') + delta.arguments)
    }
    expect(written).toEqual(
      new Map([
        ['call-a', '{"label":"human","content":"a"}'],
        ['call-b', '{"label":"human","content":"b"}'],
      ]),
    )
    for (const call of calls) {
      expect(call['tool_calls']).toEqual(call['tool_call'])
      expect(Object.values(call)).not.toContain(null)
    }
    expect(seen.filter((frame) => type(frame) === 'tool_return_message')).toHaveLength(1)
    expect(new Set(seen.map((frame) => frame['run_id'])).size).toBe(1)
  })

  test('silence is filled with pings that name the run [stream.pings]', async () => {
    await using wire = await open({ script: [{ delayMs: 45_000, text: 'Late.' }] })
    const response = await stream(wire)
    const runId = response.headers.get('x-letta-run-id')
    const reading = readFrames(response)
    await wire.test.clock.advance(20_000)
    await wire.test.clock.advance(20_000)
    await wire.test.clock.advance(10_000)
    const data = dataOf(await reading)
    expect(data.slice(0, 4).map(type)).toEqual(['ping', 'ping', 'ping', 'assistant_message'])
    expect(Object.keys(data[0] ?? {})).toEqual(
      'id date name message_type otid sender_id step_id is_err seq_id run_id'.split(' '),
    )
    expect(data[1]).toMatchObject({ run_id: runId, seq_id: null })
  })

  test('a failure in a stream is a stop, a named error and the end [stream.errors]', async () => {
    await using wire = await open({
      script: [{ failure: { code: 'llm_rate_limit', message: 'Slow down.', detail: 'quota' } }],
    })
    const agent = await wire.test.createAgent()
    const path = `/v1/agents/${agent.id}/messages/stream`
    const frames = await readFrames(await wire.send('POST', path, { messages }))
    expect(frames.map(({ event }) => event)).toEqual([null, null, 'error', null])
    const [, stop, error] = dataOf(frames)
    expect(stop).toMatchObject({ message_type: 'stop_reason', stop_reason: 'llm_api_error' })
    expect(error).toMatchObject({
      message_type: 'error_message',
      error_type: 'llm_rate_limit',
      message:
        'Rate limit exceeded for LLM model provider. Please wait before making another request.',
      run_id: stop?.['run_id'],
    })
    expect(error?.['detail']).toContain('quota')
    wire.test.model.script({ failure: { code: 'llm_timeout', message: 'Late.', detail: '' } })
    const events = await wire.client.agents.messages.stream(agent.id, { messages })
    await expect(async () => {
      for await (const event of events) expect(event).toBeDefined()
    }).rejects.toThrow(/timed out/)
  })

  test('without pings an early failure has its status, a late one does not [stream.early-errors]', async () => {
    await using wire = await open({
      script: [{ failure: { code: 'llm_authentication', message: 'No.', detail: '' } }],
    })
    const early = await stream(wire, { include_pings: false })
    expect(early.status).toBe(401)
    expect(early.headers.get('x-should-retry')).toBe('false')
    expect(await early.json()).toMatchObject({ error: { type: 'llm_authentication' } })
    wire.test.model.script(
      { text: 'First.', toolCalls: [{ name: 'conversation_search', arguments: { query: 'x' } }] },
      { failure: { code: 'llm_authentication', message: 'No.', detail: '' } },
    )
    const late = await stream(wire, { include_pings: false })
    expect(late.status).toBe(200)
    expect((await readFrames(late)).at(-2)?.event).toBe('error')
    wire.test.model.script({ text: 'Fine.' })
    const fine = dataOf(await readFrames(await stream(wire, { include_pings: false })))
    expect(fine.map(type)).toEqual(['assistant_message', 'stop_reason', 'usage_statistics'])
  })

  test('a stream resumes exactly after every frame of it [stream.resume]', async () => {
    await using wire = await open({ script: turn })
    const response = await stream(wire, { stream_tokens: true, background: true })
    const runId = response.headers.get('x-letta-run-id') ?? ''
    const whole = dataOf(await readFrames(response)).slice(1)
    for (const [index, frame] of whole.entries()) {
      const again = await wire.send('POST', `/v1/runs/${runId}/stream`, {
        starting_after: frame['seq_id'],
        include_pings: false,
      })
      const rest = dataOf(await readFrames(again))
      expect(rest).toEqual(whole.slice(index + 1))
    }
    const all = await wire.send('POST', `/v1/runs/${runId}/stream`, {})
    expect(dataOf(await readFrames(all)).slice(1)).toEqual(whole)
  })

  test('a number that no frame had is refused, while it runs and afterwards [stream.beyond]', async () => {
    await using wire = await open({ script: [{ text: 'One.', delayBeforeEndMs: 1000 }] })
    const response = await stream(wire, { stream_tokens: true })
    const runId = response.headers.get('x-letta-run-id') ?? ''
    const resume = (startingAfter: number): Promise<Response> =>
      wire.send('POST', `/v1/runs/${runId}/stream`, { starting_after: startingAfter })
    const early = await resume(90_000)
    expect(early.status).toBe(400)
    await wire.test.clock.advance(1000)
    const last = Number(dataOf(await readFrames(response)).at(-1)?.['seq_id'])
    const late = await resume(last + 1000)
    expect(late.status).toBe(400)
    expect(((await late.json()) as { detail: string }).detail).toMatch(
      /Cannot resume the stream of run-\S+ after number \d+: its last frames are below \d+\. Give/,
    )
    expect(dataOf(await readFrames(await resume(last))).map(type)).toEqual(['ping'])
    // A log is removed in portions: what is left of one is no stream any more.
    for (const limit of [1, 999]) {
      await wire.app.store.pruneEvents(defaultScope, { endedBefore: 9e15, limit })
      for (const number of [0, last]) {
        const gone = await resume(number)
        expect(gone.status).toBe(410)
        expect(await gone.text()).toContain('LETTA_EVENT_RETENTION_DAYS')
      }
    }
  })

  test('a browser reads id lines and goes on after the last one [stream.browser]', async () => {
    await using wire = await open({ script: turn })
    const response = await stream(wire, { stream_tokens: true })
    const runId = response.headers.get('x-letta-run-id') ?? ''
    const whole = dataOf(await readFrames(response)).slice(1)
    const path = `/v1/runs/${runId}/stream?include_pings=false`
    const text = await (await wire.fetch(path)).text()
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
    expect(ids).toEqual(whole.map((frame) => frame['seq_id']))
    const headers = { 'last-event-id': String(ids[1]) }
    const rest = await wire.fetch(`${path}&starting_after=0`, { headers })
    expect(dataOf(await readFrames(rest))).toEqual(whole.slice(2))
    const post = { method: 'POST', headers }
    const posted = dataOf(await readFrames(await wire.fetch(`/v1/runs/${runId}/stream`, post)))
    expect(posted.slice(1)).toEqual(whole.slice(2))
  })

  test('a conversation finds its active run, by itself or by otid [stream.resume]', async () => {
    await using wire = await open({ script: [{ delayMs: 1000, text: 'Late.' }] })
    const agent = await wire.test.createAgent()
    const first = await wire.send('POST', '/v1/conversations/default/messages', {
      agent_id: agent.id,
      messages: [{ role: 'user', content: 'Hi', otid: 'otid-1' }],
    })
    const runId = first.headers.get('x-letta-run-id')
    const attach = (body: object): Promise<Response> =>
      wire.send('POST', '/v1/conversations/default/stream', { agent_id: agent.id, ...body })
    const readers = await Promise.all([
      attach({}),
      attach({ otid: 'otid-1' }),
      attach({ run_id: runId }),
    ])
    await wire.test.clock.advance(1000)
    for (const reader of [first, ...readers]) {
      const data = dataOf(await readFrames(reader))
      expect(data.find((frame) => type(frame) === 'assistant_message')).toMatchObject({
        content: 'Late.',
        run_id: runId,
      })
    }
    expect((await attach({ otid: 'unknown' })).status).toBe(404)
    const idle = await attach({})
    expect(idle.status).toBe(400)
    expect(await idle.json()).toMatchObject({
      detail: 'INVALID_ARGUMENT: No active runs found for this conversation.',
    })
  })

  test('a client that goes away leaves the run alone [stream.disconnect]', async () => {
    await using wire = await open({ script: [{ delayMs: 1000, text: 'Still here.' }] })
    const response = await stream(wire)
    const runId = response.headers.get('x-letta-run-id') ?? ''
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await wire.test.clock.advance(1000)
    await wire.test.frames(runId)
    expect((await wire.client.runs.retrieve(runId)).status).toBe('completed')
  })

  test('cancel stops the run, and its stream says so [cancel.agent, cancel.stream]', async () => {
    await using wire = await open({ script: [{ delayMs: 60_000, text: 'Never.' }] })
    const agent = await wire.test.createAgent()
    const { client } = wire
    const nothing = client.agents.messages.cancel(agent.id)
    await expect(nothing).rejects.toMatchObject({ status: 409 })
    await expect(nothing).rejects.toThrow(
      `CONFLICT: No active runs to cancel for agent ${agent.id}`,
    )
    const response = await wire.send('POST', `/v1/agents/${agent.id}/messages/stream`, {
      messages,
    })
    const runId = response.headers.get('x-letta-run-id') ?? ''
    expect(await client.agents.messages.cancel(agent.id, { run_ids: [runId] })).toEqual({
      [runId]: 'cancelled',
    })
    const data = dataOf(await readFrames(response))
    expect(data.at(-1)).toMatchObject({ message_type: 'stop_reason', stop_reason: 'cancelled' })
    expect(await client.runs.retrieve(runId)).toMatchObject({
      status: 'cancelled',
      stop_reason: 'cancelled',
    })
  })
})
