import { expect, test } from 'vitest'
import { toolId } from '../../src/tools/registry.ts'
import { describeWire, type Wire } from './open-wire.ts'

const missing = 'conv-00000000-0000-4000-8000-00000000dead'

async function startRun(
  wire: Wire,
  agentId: string,
): Promise<{ readonly runId: string; readonly response: Response }> {
  const response = await wire.send('POST', '/v1/conversations/default/messages', {
    agent_id: agentId,
    input: 'Begin.',
    stream_tokens: true,
    background: true,
  })
  return { response, runId: response.headers.get('x-letta-run-id') ?? '' }
}

async function post(wire: Wire, path: string, body: unknown): Promise<unknown> {
  const reply = await wire.send('POST', `/v1/conversations/default/${path}`, body)
  expect(reply.status).toBe(200)
  return await reply.json()
}

describeWire('conversations that rest', (open) => {
  test('a paused run stays running and goes on in the same run [pause.runs, pause.pings]', async () => {
    await using wire = await open({
      settings: { pingIntervalMs: 500 },
      script: [{ text: ['Half'], delayBeforeEndMs: 600_000 }, { text: 'Whole.' }],
    })
    const agent = await wire.test.createAgent()
    const { runId, response } = await startRun(wire, agent.id)
    const stream = response.text()
    await wire.test.clock.advance(1000)
    const place = { agent_id: agent.id }
    expect(await post(wire, 'pause', { ...place, now: true })).toMatchObject({
      state: 'paused',
      run_id: runId,
    })
    await wire.test.clock.advance(1000)
    const { client } = wire
    expect(await client.runs.retrieve(runId)).toMatchObject({
      status: 'running',
      metadata: { waiting_for: { kind: 'pause' } },
    })
    expect(await post(wire, 'pause', place)).toMatchObject({ resting: true })
    const seen = await wire.fetch(`/v1/conversations/default/pause?agent_id=${agent.id}`)
    expect(await seen.json()).toMatchObject({ agent_id: agent.id, state: 'paused' })
    await wire.test.clock.advance(2100)
    expect(await post(wire, 'resume', place)).toMatchObject({ state: 'active' })
    await wire.test.frames(runId)
    await wire.test.clock.advance(1000)
    const text = await stream
    expect(text.match(/"message_type":"ping"/g)?.length).toBeGreaterThan(1)
    expect(text).toContain('message_dropped')
    expect(text).toContain('"stop_reason":"end_turn"')
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true)
    // After its end nothing is left to pause or resume, and both still say where the conversation stands.
    expect(await post(wire, 'resume', place)).toMatchObject({ state: 'active' })
    expect(await post(wire, 'pause', place)).toMatchObject({ run_id: null, resting: true })
    expect((await client.runs.retrieve(runId)).status).toBe('completed')
  })

  test('a signal wakes the run that waits for its name, once [signal.runs]', async () => {
    await using wire = await open({
      script: [
        { toolCalls: [{ name: 'wait', arguments: { signal: 'paid' } }] },
        { text: 'Thanks.' },
      ],
    })
    const agent = await wire.test.createAgent({ toolIds: [toolId('wait')] })
    const { runId, response } = await startRun(wire, agent.id)
    await wire.test.clock.advance(1000)
    expect((await wire.client.runs.retrieve(runId)).metadata).toMatchObject({
      waiting_for: { kind: 'signal', name: 'paid', until: null },
    })
    const signal = { agent_id: agent.id, name: 'paid', payload: { amount: 3 }, id: 'payment-1' }
    expect(await post(wire, 'signal', signal)).toMatchObject({ duplicate: false, run_id: runId })
    expect(await post(wire, 'signal', signal)).toMatchObject({ duplicate: true, run_id: null })
    await wire.test.frames(runId)
    await wire.test.clock.advance(1000)
    const text = await response.text()
    expect(text).toContain('The signal \\"paid\\" came.')
    expect(text).toContain('Thanks.')
  })

  test('cancel of a conversation keeps what was said, marked [cancel.conversation, cancel.partial]', async () => {
    await using wire = await open({ script: [{ text: ['Once upon'], delayBeforeEndMs: 60_000 }] })
    const agent = await wire.test.createAgent()
    const { client } = wire
    const nothing = client.conversations.cancel('default', { agent_id: agent.id })
    await expect(nothing).rejects.toThrow(
      'CONFLICT: No active runs to cancel for conversation default',
    )
    const { runId, response } = await startRun(wire, agent.id)
    await wire.test.clock.advance(1000)
    expect(await client.conversations.cancel('default', { agent_id: agent.id })).toEqual({
      [runId]: 'cancelled',
    })
    const text = await response.text()
    expect(text).toContain('"stop_reason":"cancelled"')
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true)
    const { items } = await client.agents.messages.list(agent.id, { limit: 1 })
    expect(items).toMatchObject([{ content: 'Once upon', is_err: true }])
    expect(await client.agents.messages.cancel(agent.id, { run_ids: [runId] })).toEqual({
      [runId]: 'cancelled',
    })
  })

  test('what does not exist, belongs to others or is malformed is refused', async () => {
    await using wire = await open()
    const agent = await wire.test.createAgent()
    for (const [path, body] of [
      ['pause', {}],
      ['resume', {}],
      ['signal', { name: 'paid' }],
    ] as const) {
      const reply = await wire.send('POST', `/v1/conversations/${missing}/${path}`, body)
      expect([path, reply.status]).toEqual([path, 404])
      const nowhere = await wire.send('POST', `/v1/conversations/default/${path}`, body)
      expect([path, nowhere.status]).toEqual([path, 422])
    }
    const place = { agent_id: agent.id }
    for (const body of [
      {},
      { ...place, name: '' },
      { ...place, name: 'x', payload: 'y'.repeat(100_001) },
    ]) {
      const reply = await wire.send('POST', '/v1/conversations/default/signal', body)
      expect(reply.status).toBe(422)
    }
    expect(await post(wire, 'resume', place)).toMatchObject({ state: 'active' })
  })
})
