import { expect, test } from 'vitest'
import { describeWire, readFrames, type Wire } from './open-wire.ts'

async function told(wire: Wire, id: string): Promise<number> {
  const { items } = await wire.client.agents.messages.list(id)
  return items.filter((message) => message.message_type === 'user_message').length
}

const marked = { 'x-stainless-retry-count': '1' }

describeWire('repetitions', (open) => {
  test('the same otid again is the same run, during and after it [retry.otid]', async () => {
    await using wire = await open({ script: [{ delayMs: 1000, text: 'Once.' }] })
    const agent = await wire.test.createAgent()
    const path = `/v1/agents/${agent.id}/messages`
    const body = {
      messages: [{ role: 'user', content: 'Hi', otid: '0b8b6c8e-0000-4000-8000-000000000001' }],
    }
    const replies = [wire.send('POST', path, body), wire.send('POST', `${path}/stream`, body)]
    const [, streaming] = replies
    await streaming
    await wire.test.clock.advance(1000)
    const [first, second] = await Promise.all(replies)
    const runId = first?.headers.get('x-letta-run-id')
    expect(second?.headers.get('x-letta-run-id')).toBe(runId)
    expect(JSON.stringify(await readFrames(second ?? new Response()))).toContain('Once.')
    const later = await wire.send('POST', path, body)
    expect(later.headers.get('x-letta-run-id')).toBe(runId)
    expect(await later.json()).toMatchObject({ messages: [{ content: 'Once.' }] })
    expect(await told(wire, agent.id)).toBe(1)
  })

  test('an otid of before with other or more words is refused, whatever became of the first [retry.otid]', async () => {
    await using wire = await open({ script: [{ delayMs: 1000, text: 'Once.' }] })
    const agent = await wire.test.createAgent()
    const path = `/v1/agents/${agent.id}/messages`
    const [one, two] = [
      '0b8b6c8e-0000-4000-8000-00000000000a',
      '0b8b6c8e-0000-4000-8000-00000000000b',
    ]
    const first = { role: 'user', content: 'Hi', otid: one }
    const running = wire.send('POST', `${path}/async`, { messages: [first] })
    const runId = (await running).headers.get('x-letta-run-id')
    const others = [
      [{ ...first, content: 'Something else' }],
      [first, { role: 'user', content: 'And this', otid: two }],
      [first, { role: 'user', content: 'And that' }],
    ]
    async function expectRefused(): Promise<void> {
      for (const messages of others) {
        for (const route of [path, `${path}/stream`, `${path}/async`]) {
          const refused = await wire.send('POST', route, { messages })
          expect(refused.status).toBe(400)
          expect(await refused.json()).toMatchObject({
            code: 'otid_reused',
            detail: expect.stringContaining(
              `came with other words before, which stand, in ${runId}`,
            ),
          })
        }
      }
    }
    await expectRefused()
    await wire.test.clock.advance(1000)
    await expectRefused()
    const same = [{ ...first, content: [{ type: 'text', text: 'Hi' }] }]
    const again = await wire.send('POST', path, { messages: same })
    expect(again.headers.get('x-letta-run-id')).toBe(runId)
    expect(await told(wire, agent.id)).toBe(1)
  })

  test('an otid whose words were forgotten in part meanwhile is refused for that [retry.otid]', async () => {
    await using wire = await open({ script: [{ text: 'Fine.' }, { text: 'Noted.' }] })
    const agent = await wire.test.createAgent()
    const path = `/v1/agents/${agent.id}/messages`
    const code = 'My locker code is quillheron77.'
    const otid = '0b8b6c8e-0000-4000-8000-00000000000c'
    const quoting = { role: 'user', content: `I said: ${code} Buy milk.`, otid }
    await wire.send('POST', path, { input: code })
    const runId = (await wire.send('POST', path, { messages: [quoting] })).headers.get(
      'x-letta-run-id',
    )
    const [said] = (
      await wire.client.agents.messages.list(agent.id, { order: 'asc' })
    ).items.filter((message) => message.message_type === 'user_message')
    const request = { ids: [said?.id ?? ''], agent_id: agent.id }
    const preview = await wire.send('POST', '/v1/forget/preview', request)
    const { token } = (await preview.json()) as { readonly token: string }
    expect((await wire.send('POST', '/v1/forget', { ...request, token })).status).toBe(200)
    const refused = async (content: string): Promise<unknown> => {
      const reply = await wire.send('POST', path, { messages: [{ ...quoting, content }] })
      return await reply.json()
    }
    expect(await refused(quoting.content)).toMatchObject({
      code: 'otid_reused',
      detail: expect.stringContaining(`in ${runId}, and words of it were forgotten since`),
    })
    expect(await refused(`I said: ${code} Buy bread.`)).toMatchObject({
      code: 'otid_reused',
      detail: expect.stringContaining('came with other words before'),
    })
  })

  test('a marked repetition attaches while the answer was not delivered, then is new [retry.marked]', async () => {
    await using wire = await open({
      script: [{ delayMs: 3000, text: 'Slow.' }, { text: 'Again.' }],
    })
    const agent = await wire.test.createAgent()
    const path = `/v1/agents/${agent.id}/messages`
    const gone = new AbortController()
    const first = wire.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ input: 'Hi' }),
      signal: gone.signal,
    })
    first.catch(() => undefined)
    await expect.poll(() => told(wire, agent.id)).toBe(1)
    gone.abort()
    await expect(first).rejects.toThrow(/abort/)
    // Two round trips, so that the server has seen the connection close.
    await wire.fetch('/v1/health')
    await wire.fetch('/v1/health')
    const repeated = wire.send('POST', path, { input: 'Hi' }, marked)
    await wire.fetch('/v1/health')
    await wire.test.clock.advance(3000)
    const reply = await repeated
    expect(await reply.json()).toMatchObject({ messages: [{ content: 'Slow.' }] })
    expect(await told(wire, agent.id)).toBe(1)
    const runId = reply.headers.get('x-letta-run-id') ?? ''
    await expect
      .poll(async () => {
        const next = await wire.send('POST', path, { input: 'Hi' }, marked)
        await next.text()
        return next.headers.get('x-letta-run-id')
      })
      .not.toBe(runId)
    expect(await told(wire, agent.id)).toBe(2)
  })

  test('the client, impatient and unmodified, leaves one message [retry.marked]', async () => {
    await using wire = await open({ script: [{ delayMs: 3000, text: 'Patience.' }] })
    const agent = await wire.test.createAgent()
    const impatient = wire.client.withOptions({ maxRetries: 8, timeout: 250 })
    const began = wire.requests
    const reply = impatient.agents.messages.create(agent.id, { input: 'Quick!' })
    await expect.poll(() => told(wire, agent.id)).toBe(1)
    await expect.poll(() => wire.requests - began, { timeout: 5000 }).toBeGreaterThan(3)
    await wire.test.clock.advance(3000)
    expect((await reply).messages).toMatchObject([{ content: 'Patience.' }])
    expect(await told(wire, agent.id)).toBe(1)
  })

  test('after acceptance a request that takes too long is never to be repeated [retry.header]', async () => {
    await using wire = await open({
      script: [{ delayMs: 5000, text: 'Late.' }],
      settings: { requestTimeoutMs: 1000 },
    })
    const agent = await wire.test.createAgent()
    const pending = wire.send('POST', `/v1/agents/${agent.id}/messages`, { input: 'Hi' })
    await expect.poll(() => wire.test.clock.sleeping).toBeGreaterThan(1)
    await wire.test.clock.advance(1000)
    const reply = await pending
    expect(reply.status).toBe(408)
    expect(reply.headers.get('x-should-retry')).toBe('false')
    const runId = reply.headers.get('x-letta-run-id') ?? ''
    expect(await reply.text()).toContain(runId)
    await wire.test.clock.advance(4000)
    await wire.test.frames(runId)
    expect((await wire.client.runs.retrieve(runId)).status).toBe('completed')
  })

  test('a second message waits its turn, or is refused where that is asked for [busy.queue]', async () => {
    await using wire = await open({ script: [{ delayMs: 1000, text: 'One.' }, { text: 'Two.' }] })
    const agent = await wire.test.createAgent()
    const path = `/v1/agents/${agent.id}/messages`
    const first = await wire.send('POST', `${path}/stream`, { input: 'a' })
    const runId = first.headers.get('x-letta-run-id')
    const second = await wire.send('POST', `${path}/stream`, { input: 'b' })
    for (const route of [path, `${path}/stream`]) {
      const busy = await wire.send('POST', route, { input: 'c' }, { 'x-letta-busy': 'reject' })
      expect(busy.status).toBe(409)
      expect(await busy.json()).toMatchObject({
        detail: `CONFLICT: Cannot send a new message: Another request (run_id=${runId}) is currently being processed for this conversation. Please wait for it to complete.`,
        run_id: runId,
      })
    }
    const unknown = await wire.send('POST', path, { input: 'd' }, { 'x-letta-busy': 'refuse' })
    expect([unknown.status, await unknown.json()]).toMatchObject([
      400,
      { detail: expect.stringContaining('neither queue nor reject') },
    ])
    await wire.test.clock.advance(1000)
    expect(JSON.stringify(await readFrames(first))).toContain('One.')
    expect(JSON.stringify(await readFrames(second))).toContain('Two.')
    expect(await told(wire, agent.id)).toBe(2)
  })

  test('a message may wait where a server refuses what is busy [busy.queue]', async () => {
    const script = [{ delayMs: 1000, text: 'One.' }, { text: 'Two.' }]
    await using wire = await open({ script, settings: { rejectBusy: true } })
    const agent = await wire.test.createAgent()
    const path = `/v1/agents/${agent.id}/messages/async`
    await wire.send('POST', path, { input: 'a' })
    expect((await wire.send('POST', path, { input: 'b' })).status).toBe(409)
    const waiting = await wire.send('POST', path, { input: 'b' }, { 'x-letta-busy': 'queue' })
    expect(waiting.status).toBe(200)
    await wire.test.clock.advance(1000)
    await wire.test.frames(waiting.headers.get('x-letta-run-id') ?? '')
    expect(await told(wire, agent.id)).toBe(2)
  })
})
