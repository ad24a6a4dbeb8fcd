import { describe, expect, it } from 'vitest'
import { defaultConversationId } from '../domain/identifier.ts'
import { defaultScope } from '../domain/scope.ts'
import { messageText } from '../domain/message.ts'
import { openStore } from '../storage/open-store.ts'
import { createTestApp, type TestApp, userInput } from '../testing/create-test-app.ts'
import type { RunFrame } from './runtime.ts'

function eventTypes(frames: readonly RunFrame[]): readonly string[] {
  return frames.map((frame) => frame.event.event.type)
}

function lastText(frames: readonly RunFrame[]): string {
  const message = frames.findLast((frame) => frame.message !== null)?.message
  return message === null || message === undefined ? '' : messageText(message)
}

async function history(test: TestApp, agentId: string): Promise<readonly string[]> {
  const messages = await test.app.store.listMessages(defaultScope, {
    agentId,
    limit: 100,
    order: 'asc',
  })
  return messages
    .filter((message) => message.role !== 'system')
    .map((message) => `${message.role}: ${messageText(message)}`)
}

describe('Runtime.submit()', () => {
  it('has stored the user’s message when it resolves, before the model has answered', async () => {
    await using test = await createTestApp({ script: [{ delayMs: 60_000, text: 'Late.' }] })
    const agent = await test.createAgent()
    const { run } = await test.say(agent, 'Remember the milk.')
    expect(await history(test, agent.id)).toEqual(['user: Remember the milk.'])
    expect((await test.app.store.getRun(defaultScope, { id: run.id })).completedAt).toBeNull()
    await test.clock.advance(60_000)
    expect(lastText(await test.frames(run.id))).toBe('Late.')
  })

  it('runs a turn to its end and numbers its events from 1 without gaps', async () => {
    await using test = await createTestApp({ script: [{ text: 'Hello back.' }] })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'Hello.')
    expect(eventTypes(frames)).toEqual(['message-stored', 'run-ended'])
    expect(frames.map((frame) => frame.event.sequence)).toEqual([1, 2])
    expect(frames.at(-1)?.event.event).toMatchObject({
      stopReason: 'end_turn',
      usage: { promptTokens: 10 },
    })
    expect(await history(test, agent.id)).toEqual(['user: Hello.', 'assistant: Hello back.'])
  })

  it('gives a repeated otid the run of the first request', async () => {
    await using test = await createTestApp({ script: [{ text: 'Once.' }] })
    const agent = await test.createAgent()
    const messages = [userInput('Only once.', '11111111-1111-4111-8111-111111111111')]
    const first = await test.say(agent, '', { messages })
    await test.frames(first.run.id)
    const second = await test.say(agent, '', { messages })
    expect(second).toMatchObject({ duplicate: true, run: { id: first.run.id } })
    expect(await history(test, agent.id)).toHaveLength(2)
  })

  it('queues input for a busy conversation and answers it in order', async () => {
    await using test = await createTestApp({
      script: [{ delayMs: 1000, text: 'First.' }, { text: 'Second.' }],
    })
    const agent = await test.createAgent()
    const first = await test.say(agent, 'One')
    const second = await test.say(agent, 'Two')
    await test.clock.advance(1000)
    expect(lastText(await test.frames(first.run.id))).toBe('First.')
    expect(lastText(await test.frames(second.run.id))).toBe('Second.')
    const [, request] = test.model.requests
    expect(JSON.stringify(request?.messages)).toContain('First.')
  })

  it('refuses input for a busy conversation when asked to, naming the run', async () => {
    await using test = await createTestApp({ script: [{ delayMs: 1000, text: 'First.' }] })
    const agent = await test.createAgent()
    const { run } = await test.say(agent, 'One')
    await expect(test.say(agent, 'Two', { rejectBusy: true })).rejects.toMatchObject({
      code: 'conversation_busy',
      data: { run_id: run.id },
    })
    await test.clock.advance(1000)
    await test.frames(run.id)
  })

  it('refuses a message that cannot fit, with its token count, and stores nothing', async () => {
    await using test = await createTestApp()
    const agent = await test.createAgent({ contextWindow: 4000 })
    await expect(test.say(agent, 'word '.repeat(20_000))).rejects.toMatchObject({
      code: 'context_window_exceeded',
      message: expect.stringMatching(/has about \d+ tokens/),
    })
    expect(await history(test, agent.id)).toEqual([])
  })

  it('refuses a model nobody has before it stores anything', async () => {
    await using test = await createTestApp()
    const agent = await test.createAgent()
    const options = { overrideModel: 'nobody/nothing' }
    await expect(test.say(agent, 'Hi', { options })).rejects.toMatchObject({
      code: 'model_not_found',
    })
    expect(await history(test, agent.id)).toEqual([])
  })
})

describe('a turn with tools', () => {
  it('edits memory, shows the new value in the next step and keeps who did it and why', async () => {
    await using test = await createTestApp({
      script: [
        {
          toolCalls: [
            {
              name: 'core_memory_append',
              arguments: { label: 'human', content: 'Plays the cello.' },
            },
          ],
        },
        { text: 'Noted.' },
      ],
    })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'I play the cello.')
    expect(eventTypes(frames)).toEqual([
      'message-stored',
      'message-stored',
      'message-stored',
      'run-ended',
    ])
    expect(JSON.stringify(test.model.requests[1]?.messages.at(-1))).toContain('Plays the cello.')
    const [block] = await test.app.store.listAgentBlocks(defaultScope, { agentId: agent.id })
    expect(block?.value).toContain('Plays the cello.')
    const [version] = await test.app.store.listBlockVersions(defaultScope, {
      id: block?.id ?? '',
      limit: 1,
    })
    expect(version).toMatchObject({
      actor: { kind: 'agent', id: agent.id },
      reason: 'core_memory_append',
    })
    expect(version?.sourceMessageIds).not.toHaveLength(0)
  })

  it('does not repeat at the tail what a tool return has shown', async () => {
    await using test = await createTestApp({
      script: [
        {
          toolCalls: [
            {
              name: 'core_memory_append',
              arguments: { label: 'human', content: 'Plays the cello.' },
            },
          ],
        },
        { text: 'Noted.' },
        { text: 'Yes.' },
      ],
    })
    const agent = await test.createAgent()
    await test.ask(agent, 'I play the cello.')
    await test.ask(agent, 'Do you know?')
    const [, second, third] = test.model.requests
    expect(third?.system).toBe(second?.system)
    const tails = JSON.stringify(third?.messages).match(/Memory block \\\\"human/g)
    expect(tails).toBeNull()
  })

  it('reports a call that cannot be made to the model and goes on', async () => {
    await using test = await createTestApp({
      script: [
        {
          toolCalls: [
            { name: 'no_such_tool', arguments: {} },
            { name: 'memory_insert', arguments: '{"label":' },
          ],
        },
        { text: 'Sorry.' },
      ],
    })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'Try.')
    expect(lastText(frames)).toBe('Sorry.')
    const returns = frames.find((frame) => frame.message?.role === 'tool')?.message?.toolReturns
    expect(returns?.map(({ status }) => status)).toEqual(['error', 'error'])
    expect(returns?.[0]?.text).toContain('Your tools are: core_memory_append')
  })

  it('finds at once what a call of the same step has stored', async () => {
    await using test = await createTestApp({
      script: [
        {
          toolCalls: [
            {
              name: 'archival_memory_insert',
              arguments: { content: 'The spare key is under the fern.' },
            },
          ],
        },
        {
          toolCalls: [
            { name: 'archival_memory_search', arguments: { query: 'Where is the key?' } },
          ],
        },
        { text: 'Under the fern.' },
      ],
    })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'Keep this.')
    expect(lastText(frames)).toBe('Under the fern.')
    expect(JSON.stringify(test.model.requests[2]?.messages.at(-1))).toContain('under the fern')
  })

  it('ends with max_steps when the model never rests', async () => {
    const call = { toolCalls: [{ name: 'conversation_search', arguments: { query: 'x' } }] }
    await using test = await createTestApp({ script: [call, call] })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'Go.', { options: { maxSteps: 2 } })
    expect(frames.at(-1)?.event.event).toMatchObject({ type: 'run-ended', stopReason: 'max_steps' })
    expect(test.model.requests).toHaveLength(2)
  })

  it('ends with tool_rule after a terminal tool', async () => {
    await using test = await createTestApp({
      script: [{ toolCalls: [{ name: 'conversation_search', arguments: { query: 'x' } }] }],
    })
    const agent = await test.createAgent({
      toolRules: [{ type: 'exit_loop', tool_name: 'conversation_search' }],
    })
    const frames = await test.ask(agent, 'Go.')
    expect(frames.at(-1)?.event.event).toMatchObject({ stopReason: 'tool_rule' })
  })
})

describe('a model that fails', () => {
  const failure = {
    code: 'llm_unreachable',
    message: 'Cannot reach the model: refused. Start it.',
  } as const

  it('ends the run as failed with a reason and keeps the user’s message', async () => {
    await using test = await createTestApp({ script: [{ failure }] })
    const agent = await test.createAgent()
    const { run } = await test.say(agent, 'Are you there?')
    const frames = await test.frames(run.id)
    expect(frames.at(-1)?.event.event).toMatchObject({
      type: 'run-ended',
      stopReason: 'llm_api_error',
      error: { errorType: 'llm_error', detail: expect.stringContaining('Start it.') },
    })
    expect(await test.app.store.getRun(defaultScope, { id: run.id })).toMatchObject({
      status: 'failed',
      metadata: { error: { message_type: 'error_message', run_id: run.id } },
    })
    expect(await history(test, agent.id)).toEqual(['user: Are you there?'])
  })

  it('is tried again without a second copy of the message', async () => {
    await using test = await createTestApp({ script: [{ failure }, { text: 'Here now.' }] })
    const agent = await test.createAgent()
    const { run } = await test.say(agent, 'Are you there?')
    await test.frames(run.id)
    const again = await test.app.runtime.retry(defaultScope, { runId: run.id })
    expect(again.run.id).not.toBe(run.id)
    expect(lastText(await test.frames(again.run.id))).toBe('Here now.')
    expect(await history(test, agent.id)).toEqual(['user: Are you there?', 'assistant: Here now.'])
    const [first, second] = test.model.requests
    expect(second?.messages).toEqual(first?.messages)
  })

  it('shows that a partial answer is void and asks once more', async () => {
    await using test = await createTestApp({
      script: [
        { text: 'Half an ans', failure: { code: 'llm_stream_cut', retryable: true } },
        { text: 'A whole answer.' },
      ],
    })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'Well?', { options: { streamTokens: true } })
    expect(eventTypes(frames)).toContain('message-dropped')
    expect(lastText(frames)).toBe('A whole answer.')
    expect(await history(test, agent.id)).toHaveLength(2)
  })
})

describe('Runtime.follow()', () => {
  it('shows deltas that add up to the stored message, and goes on from any number', async () => {
    const words = ['One ', 'two ', 'three ', 'four.']
    await using test = await createTestApp({ script: [{ text: words }] })
    const agent = await test.createAgent()
    const { run } = await test.say(agent, 'Count.', { options: { streamTokens: true } })
    const live = await test.frames(run.id)
    const shown = live
      .map(({ event }) => (event.event.type === 'text-delta' ? event.event.text : ''))
      .join('')
    expect(shown).toBe('One two three four.')
    expect(live.map(({ event }) => event.sequence)).toEqual(live.map((_, index) => index + 1))
    const stored = await test.frames(run.id, 1)
    expect(stored).toEqual(live.slice(1))
  })

  it('reports an unknown run', async () => {
    await using test = await createTestApp()
    const run = 'run-00000000-0000-4000-8000-00000000dead'
    await expect(test.frames(run)).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('Runtime.cancel()', () => {
  it('keeps the partial text, marks it and ends the run as cancelled', async () => {
    await using test = await createTestApp({
      script: [{ text: 'I was about to', delayBeforeEndMs: 60_000 }],
    })
    const agent = await test.createAgent()
    const { run } = await test.say(agent, 'Talk.', { options: { streamTokens: true } })
    await test.clock.advance(1)
    const cancelled = await test.app.runtime.cancel(defaultScope, { runId: run.id })
    expect(cancelled).toMatchObject({ status: 'cancelled', stopReason: 'cancelled' })
    const messages = await test.app.store.listMessages(defaultScope, {
      agentId: agent.id,
      limit: 9,
      order: 'asc',
    })
    expect(messages.at(-1)).toMatchObject({
      role: 'assistant',
      isError: true,
      content: [{ text: 'I was about to' }],
    })
  })
})

describe('a process that stops in the middle of a turn', () => {
  it('leaves the turn to the next one, which answers once', async () => {
    const store = await openStore({ location: ':memory:', host: 'inline' })
    const shared = { ...store, close: () => Promise.resolve() }
    const first = await createTestApp({
      script: [{ delayMs: 60_000, text: 'Never seen.' }],
      store: shared,
    })
    const agent = await first.createAgent()
    const { run } = await first.say(agent, 'Still there?')
    await first.clock.advance(1)
    const stopping = first.app.runtime.stop({ deadlineMs: 0 })
    await first.clock.advance(1)
    await stopping
    expect((await store.getRun(defaultScope, { id: run.id })).status).toBe('running')

    await using second = await createTestApp({ script: [{ text: 'Back again.' }], store })
    const conversationId = defaultConversationId(agent.id)
    expect(await second.app.runtime.recover(defaultScope, { conversationId })).toBe(1)
    const frames = await second.frames(run.id)
    expect(lastText(frames)).toBe('Back again.')
    expect(eventTypes(frames).filter((type) => type === 'run-ended')).toHaveLength(1)
    expect(await history(second, agent.id)).toEqual([
      'user: Still there?',
      'assistant: Back again.',
    ])
  })
})
