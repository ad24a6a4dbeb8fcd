import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { cutShortText } from '../context/model-messages.ts'
import { defaultConversationId } from '../domain/identifier.ts'
import { defaultScope } from '../domain/scope.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import { asProcess } from '../testing/as-process.ts'
import { createTestApp, type TestApp } from '../testing/create-test-app.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createNumberedIds } from '../testing/numbered-ids.ts'
import { eventTypes, readHistory } from '../testing/run-frames.ts'
import type { ScriptedStep } from '../testing/scripted-model.ts'
import { defineTool } from '../tools/define-tool.ts'
import { toolId } from '../tools/registry.ts'

/** Two processes on one database, and what both of them end with. */
async function openTwo(
  script: readonly ScriptedStep[],
  dead: readonly string[] = [],
): Promise<{ readonly first: TestApp; readonly second: TestApp } & AsyncDisposable> {
  const store = await openMemoryStore()
  const shared = { ids: createNumberedIds(), clock: createFakeClock(), script }
  const first = await createTestApp({ ...shared, store: asProcess(store, 'first') })
  const second = await createTestApp({ ...shared, store: asProcess(store, 'second', dead) })
  return {
    first,
    second,
    async [Symbol.asyncDispose]() {
      await first.app.close()
      await second.app.close()
      await store.close()
    },
  }
}

const cut: ScriptedStep = { text: ['Once upon ', 'a time'], delayBeforeEndMs: 60_000 }

describe('Runtime.cancel()', () => {
  it('keeps what was said, marks it, and tells the model so in its next prompt', async () => {
    await using test = await createTestApp({ script: [cut, { text: 'The end.' }] })
    const agent = await test.createAgent()
    const { run } = await test.say(agent, 'A story.', { options: { streamTokens: true } })
    await test.clock.advance(100)
    const cancelled = await test.app.runtime.cancel(defaultScope, { runId: run.id })
    expect(cancelled).toMatchObject({ status: 'cancelled', stopReason: 'cancelled' })
    const frames = await test.frames(run.id)
    expect(eventTypes(frames).slice(-2)).toEqual(['message-stored', 'run-ended'])
    expect(frames.findLast(({ message }) => message !== null)?.message).toMatchObject({
      isError: true,
      content: [{ text: 'Once upon a time' }],
    })
    await test.ask(agent, 'Go on.')
    expect(test.model.requests[1]?.messages).toContainEqual({
      role: 'assistant',
      content: [
        { type: 'text', text: 'Once upon a time' },
        { type: 'text', text: cutShortText },
      ],
      toolCalls: [],
      model: 'openai/scripted',
    })
  })

  it('reaches the process that runs the turn, whichever it is, within 100 ms', async () => {
    await using both = await openTwo([cut])
    const { first, second } = both
    const agent = await first.createAgent()
    const { run } = await first.say(agent, 'A story.')
    await first.clock.advance(1000)
    const cancelling = second.app.runtime.cancel(defaultScope, { runId: run.id })
    await first.clock.advance(99)
    expect(await cancelling).toMatchObject({ status: 'cancelled' })
    expect(second.model.requests).toHaveLength(0)
    expect(await readHistory(first, agent.id)).toEqual([
      'user: A story.',
      'assistant: Once upon a time',
    ])
  })

  it('takes over from a process that is dead, and ends the run itself', async () => {
    await using both = await openTwo([cut], ['first'])
    const agent = await both.first.createAgent()
    const { run } = await both.first.say(agent, 'A story.')
    await both.first.clock.advance(1000)
    const cancelled = await both.second.app.runtime.cancel(defaultScope, { runId: run.id })
    expect(cancelled.status).toBe('cancelled')
    expect(both.second.model.requests).toHaveLength(0)
  })

  it('ends a queued run before it is begun, and the one before it goes on', async () => {
    await using test = await createTestApp({
      script: [{ text: 'One.', delayMs: 1000 }, { text: 'Three.' }],
    })
    const agent = await test.createAgent()
    const one = await test.say(agent, '1')
    const two = await test.say(agent, '2')
    const three = await test.say(agent, '3')
    const cancelled = await test.app.runtime.cancel(defaultScope, { runId: two.run.id })
    expect(cancelled.status).toBe('cancelled')
    expect(eventTypes(await test.frames(two.run.id))).toEqual(['run-ended'])
    await test.clock.advance(1000)
    await Promise.all([test.frames(one.run.id), test.frames(three.run.id)])
    expect(JSON.stringify(test.model.requests[1]?.messages)).not.toContain('"2"')
  })

  it('does not wait for a tool that does not listen, and says what is known of each call', async () => {
    const stuck = defineTool({
      name: 'stuck',
      description: 'Never ends.',
      parameters: z.object({}),
      replay: 'once',
      run: () => new Promise<string>(() => undefined),
    })
    const call = { name: 'stuck', arguments: {} }
    await using test = await createTestApp({
      tools: [stuck],
      script: [{ toolCalls: [call, call] }, { text: 'I see.' }],
    })
    const agent = await test.createAgent({ toolIds: [toolId('stuck')] })
    const { run } = await test.say(agent, 'Do it.')
    await test.clock.advance(1)
    const cancelling = test.app.runtime.cancel(defaultScope, { runId: run.id })
    await test.clock.advance(99)
    expect((await cancelling).status).toBe('cancelled')
    const returns = (await test.frames(run.id)).flatMap(({ message }) => message?.toolReturns ?? [])
    expect(returns.map(({ status }) => status)).toEqual(['error', 'error'])
    expect(returns[0]?.text).toContain('may or may not have taken effect')
    expect(returns[1]?.text).toContain('had no effect')
    await test.ask(agent, 'And now?')
    expect(JSON.stringify(test.model.requests[1]?.messages)).toContain('had no effect')
  })

  it('ends a turn that waits, also in a paused conversation, which stays paused', async () => {
    await using test = await createTestApp({
      script: [{ toolCalls: [{ name: 'wait', arguments: { seconds: 3600 } }] }],
    })
    const agent = await test.createAgent({ toolIds: [toolId('wait')] })
    const conversationId = defaultConversationId(agent.id)
    const { run } = await test.say(agent, 'Wait.')
    await test.clock.advance(1)
    await test.app.runtime.pause(defaultScope, { conversationId, now: false })
    const cancelled = await test.app.runtime.cancel(defaultScope, { runId: run.id })
    expect(cancelled.metadata['waiting_for']).toBeUndefined()
    expect(cancelled.status).toBe('cancelled')
    const { state } = await test.app.store.getConversation(defaultScope, { id: conversationId })
    expect(state).toBe('paused')
  })
})
