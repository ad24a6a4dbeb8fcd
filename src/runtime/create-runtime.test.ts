import { describe, expect, it } from 'vitest'
import type { Agent } from '../domain/agent.ts'
import { newIdentifier } from '../domain/identifier.ts'
import { defaultScope } from '../domain/scope.ts'
import type { AgentPatch } from '../storage/contract/agent-store.ts'
import type { Store } from '../storage/store.ts'
import { createTestApp, type TestApp, userInput } from '../testing/create-test-app.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import { createScriptedModel } from '../testing/scripted-model.ts'
import { sampleBlock } from '../testing/samples.ts'
import { eventTypes, lastText, readHistory } from '../testing/run-frames.ts'

describe('Runtime.submit()', () => {
  it('has stored the user’s message when it resolves, before the model has answered', async () => {
    await using test = await createTestApp({ script: [{ delayMs: 60_000, text: 'Late.' }] })
    const agent = await test.createAgent()
    const { run } = await test.say(agent, 'Remember the milk.')
    expect(await readHistory(test, agent.id)).toEqual(['user: Remember the milk.'])
    expect((await test.app.store.getRun(defaultScope, { id: run.id })).completedAt).toBeNull()
    await test.clock.advance(60_000)
    expect(lastText(await test.frames(run.id))).toBe('Late.')
  })

  it('runs a turn to its end and numbers its events from 1 without gaps', async () => {
    await using test = await createTestApp({ script: [{ text: 'Hello back.' }] })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'Hello.')
    expect(eventTypes(frames)).toEqual(['prompt-sent', 'message-stored', 'run-ended'])
    expect(frames.map((frame) => frame.event.sequence)).toEqual([1, 2, 3])
    expect(frames.at(-1)?.event.event).toMatchObject({
      stopReason: 'end_turn',
      usage: { promptTokens: 10 },
    })
    expect(await readHistory(test, agent.id)).toEqual(['user: Hello.', 'assistant: Hello back.'])
  })

  it('gives a repeated otid the run of the first request', async () => {
    await using test = await createTestApp({ script: [{ text: 'Once.' }] })
    const agent = await test.createAgent()
    const messages = [userInput('Only once.', '11111111-1111-4111-8111-111111111111')]
    const first = await test.say(agent, '', { messages })
    await test.frames(first.run.id)
    const second = await test.say(agent, '', { messages })
    expect(second).toMatchObject({ duplicate: true, run: { id: first.run.id } })
    expect(await readHistory(test, agent.id)).toHaveLength(2)
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

  it('refuses a message that fits alone but not with memory, before anything is stored', async () => {
    await using test = await createTestApp()
    const block = sampleBlock({
      id: newIdentifier(test.app.ids, 'block'),
      value: 'many words here '.repeat(500),
    })
    const agent = await test.createAgent({ contextWindow: 8000 }, [block])
    await expect(test.say(agent, 'word '.repeat(4500))).rejects.toMatchObject({
      code: 'context_window_exceeded',
      data: { limit: 6000 },
    })
    expect(await readHistory(test, agent.id)).toEqual([])
  })

  it('refuses a message that cannot fit, with its token count, and stores nothing', async () => {
    await using test = await createTestApp()
    const agent = await test.createAgent({ contextWindow: 4000 })
    await expect(test.say(agent, 'word '.repeat(20_000))).rejects.toMatchObject({
      code: 'context_window_exceeded',
      message: expect.stringMatching(/has about \d+ tokens/),
    })
    expect(await readHistory(test, agent.id)).toEqual([])
  })

  it('counts what messages and pictures take beside their words before it accepts them', async () => {
    await using test = await createTestApp()
    const agent = await test.createAgent({ contextWindow: 16_000 })
    const picture = { type: 'image', source: { type: 'url', url: 'https://x.test/a.png' } } as const
    const inputs = [
      Array.from({ length: 2000 }, () => userInput('Hi')),
      [{ ...userInput(''), content: Array.from({ length: 9 }, () => picture) }],
    ]
    for (const messages of inputs) {
      await expect(test.say(agent, '', { messages })).rejects.toMatchObject({
        code: 'context_window_exceeded',
      })
    }
    expect(await readHistory(test, agent.id)).toEqual([])
  })

  it('refuses a model nobody has before it stores anything', async () => {
    await using test = await createTestApp()
    const agent = await test.createAgent()
    const options = { overrideModel: 'nobody/nothing' }
    await expect(test.say(agent, 'Hi', { options })).rejects.toMatchObject({
      code: 'model_not_found',
    })
    expect(await readHistory(test, agent.id)).toEqual([])
  })
})

describe('Runtime.submit() to an agent that it has just run', () => {
  /** An agent that has answered once, and how often the place of an input was read since. */
  async function runOnce(given: Partial<Agent> = {}): Promise<{
    readonly test: TestApp
    readonly agent: Agent
    readonly reads: () => number
  }> {
    const store = await openMemoryStore()
    let reads = 0
    const getConversationWithAgent: Store['getConversationWithAgent'] = async (scope, input) => {
      reads += 1
      return await store.getConversationWithAgent(scope, input)
    }
    const test = await createTestApp({
      store: { ...store, getConversationWithAgent },
      script: [{ text: 'One.' }, { text: 'Two.' }],
    })
    const agent = await test.createAgent(given)
    await test.ask(agent, 'First.')
    reads = 0
    return { test, agent, reads: () => reads }
  }

  const patch = async (
    { app, clock }: TestApp,
    agent: Agent,
    set: AgentPatch['set'],
  ): Promise<void> => {
    const at = clock.now()
    await app.store.updateAgent(defaultScope, {
      id: agent.id,
      at,
      updatedById: defaultScope.userId,
      set,
    })
  }

  it('checks a short message without reading the agent again', async () => {
    const { test, agent, reads } = await runOnce()
    await using _ = test
    expect(lastText(await test.ask(agent, 'Second.'))).toBe('Two.')
    expect(reads()).toBe(0)
  })

  it('reads the agent for a message that takes more than half of its window', async () => {
    const { test, agent, reads } = await runOnce({ contextWindow: 8000 })
    await using _ = test
    expect(lastText(await test.ask(agent, 'word '.repeat(3000)))).toBe('Two.')
    expect(reads()).toBe(1)
  })

  it('refuses what a change of the agent excludes, although it would have been taken before', async () => {
    const { test, agent, reads } = await runOnce()
    await using _ = test
    await patch(test, agent, { contextWindow: 4000 })
    await expect(test.say(agent, 'word '.repeat(6000))).rejects.toMatchObject({
      code: 'context_window_exceeded',
      data: { limit: expect.closeTo(3000, -3) },
    })
    await patch(test, agent, { model: 'nobody/nothing' })
    await expect(test.say(agent, 'Hi.')).rejects.toMatchObject({ code: 'model_not_found' })
    expect(reads()).toBe(2)
    expect(await readHistory(test, agent.id)).toHaveLength(2)
  })

  it('takes what a change of the agent makes possible', async () => {
    const { test, agent, reads } = await runOnce({ contextWindow: 4000 })
    await using _ = test
    await patch(test, agent, { contextWindow: 100_000 })
    expect(lastText(await test.ask(agent, 'word '.repeat(6000)))).toBe('Two.')
    expect(reads()).toBe(1)
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
    expect(await readHistory(test, agent.id)).toEqual(['user: Are you there?'])
  })

  it.each([
    ['length', 'max_tokens_exceeded', 'max_tokens_exceeded'],
    ['content-filter', 'invalid_llm_response', 'llm_content_filter'],
  ] as const)(
    'and breaks an answer off (%s) ends the run as failed with %s, keeps what came and says why',
    async (finishReason, stopReason, errorType) => {
      await using test = await createTestApp({
        script: [{ text: 'Half', finishReason }, { text: 'Whole.' }],
      })
      const agent = await test.createAgent()
      const { run } = await test.say(agent, 'Tell me.')
      const frames = await test.frames(run.id)
      expect(frames.at(-1)?.event.event).toMatchObject({ stopReason, error: null })
      expect(await test.app.store.getRun(defaultScope, { id: run.id })).toMatchObject({
        status: 'failed',
        stopReason,
        metadata: { error: { run_id: run.id, error_type: errorType } },
      })
      const again = await test.app.runtime.retry(defaultScope, { runId: run.id })
      expect(lastText(await test.frames(again.run.id))).toBe('Whole.')
      const history = ['user: Tell me.', 'assistant: Half', 'assistant: Whole.']
      expect(await readHistory(test, agent.id)).toEqual(history)
    },
  )

  it('is tried again without a second copy of the message', async () => {
    await using test = await createTestApp({ script: [{ failure }, { text: 'Here now.' }] })
    const agent = await test.createAgent()
    const { run } = await test.say(agent, 'Are you there?')
    await test.frames(run.id)
    const again = await test.app.runtime.retry(defaultScope, { runId: run.id })
    expect(again.run.id).not.toBe(run.id)
    expect(lastText(await test.frames(again.run.id))).toBe('Here now.')
    expect(await readHistory(test, agent.id)).toEqual([
      'user: Are you there?',
      'assistant: Here now.',
    ])
    const [first, second] = test.model.requests
    expect(second?.messages).toEqual(first?.messages)
  })

  it('that only quoted is followed by a real one, which sees the question and not the quotation', async () => {
    const offline = createScriptedModel({
      info: { handle: 'letta/offline', extractive: true },
      steps: [{ text: 'No model is connected.' }],
    })
    const real = createScriptedModel({ steps: [{ text: 'A real answer.' }] })
    await using test = await createTestApp({ models: [offline, real] })
    const agent = await test.createAgent()
    const { run } = await test.say(agent, 'Who am I?')
    await test.frames(run.id)
    await test.app.store.updateAgent(defaultScope, {
      id: agent.id,
      at: test.clock.now(),
      updatedById: defaultScope.userId,
      set: { model: 'openai/scripted' },
    })
    const again = await test.app.runtime.retry(defaultScope, { runId: run.id })
    expect(lastText(await test.frames(again.run.id))).toBe('A real answer.')
    expect(JSON.stringify(real.requests[0]?.messages)).not.toContain('No model is connected')
    expect(real.requests[0]?.messages.at(-1)).toMatchObject({
      role: 'user',
      content: [{ text: 'Who am I?' }],
    })
    await expect(
      test.app.runtime.retry(defaultScope, { runId: again.run.id }),
    ).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  it('ends the run when the agent’s model has gone since the message was accepted', async () => {
    await using test = await createTestApp({ script: [{ delayMs: 1000, text: 'First.' }] })
    const agent = await test.createAgent()
    const first = await test.say(agent, 'One')
    const second = await test.say(agent, 'Two')
    await test.app.store.updateAgent(defaultScope, {
      id: agent.id,
      at: test.clock.now(),
      updatedById: defaultScope.userId,
      set: { model: 'gone/model' },
    })
    await test.clock.advance(1000)
    await test.frames(first.run.id)
    const frames = await test.frames(second.run.id)
    expect(frames.at(-1)?.event.event).toMatchObject({
      type: 'run-ended',
      error: { detail: expect.stringContaining('gone/model') },
    })
    await expect(
      test.app.runtime.retry(defaultScope, { runId: second.run.id }),
    ).rejects.toMatchObject({
      code: 'model_not_found',
    })
  })

  it('ends the run even when the program meets a defect', async () => {
    const broken = createScriptedModel({
      steps: [
        () => {
          throw new TypeError('a defect')
        },
      ],
    })
    await using test = await createTestApp({ models: [broken] })
    const agent = await test.createAgent()
    const frames = await test.ask(agent, 'Hello.')
    expect(frames.at(-1)?.event.event).toMatchObject({
      type: 'run-ended',
      stopReason: 'error',
      error: { errorType: 'internal_error', detail: 'a defect' },
    })
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
    expect(await readHistory(test, agent.id)).toHaveLength(2)
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

  it('ends when asked for what comes after the end, also while another reader is there', async () => {
    await using test = await createTestApp({ script: [{ text: 'Done.' }] })
    const agent = await test.createAgent()
    const { run } = await test.say(agent, 'Do it.')
    const reader = test.app.runtime.follow(defaultScope, { runId: run.id })[Symbol.asyncIterator]()
    await reader.next()
    await reader.next()
    const late = test.frames(run.id, 1000)
    const next = await reader.next()
    expect(next.value?.event.event.type).toBe('run-ended')
    expect(await late).toEqual([])
    expect(await test.frames(run.id, 3)).toEqual([])
    await reader.return?.()
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
