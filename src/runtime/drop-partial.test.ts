import { describe, expect, it } from 'vitest'
import { defaultScope } from '../domain/scope.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import type { Store } from '../storage/store.ts'
import { createTestApp } from '../testing/create-test-app.ts'
import { eventTypes, lastText } from '../testing/run-frames.ts'

describe('a streamed answer that its process did not live to store', () => {
  it('is dropped in the log before the next process streams its own', async () => {
    const store = await openMemoryStore()
    const first = await createTestApp({
      script: [{ text: 'Half an ans', delayBeforeEndMs: 60_000 }],
      store: { ...store, close: () => Promise.resolve() },
    })
    const agent = await first.createAgent()
    const { run } = await first.say(agent, 'Well?', { options: { streamTokens: true } })
    await first.clock.advance(100)
    const stopping = first.app.runtime.stop({ deadlineMs: 0 })
    await first.clock.advance(1)
    await stopping
    const [shown] = await store.listEvents(defaultScope, { runId: run.id, after: 0, limit: 10 })
    expect(shown?.event).toMatchObject({ type: 'text-delta', text: 'Half an ans' })

    await using second = await createTestApp({ script: [{ text: 'A whole answer.' }], store })
    await second.app.runtime.recover(defaultScope, { conversationId: run.conversationId })
    const frames = await second.frames(run.id)
    expect(eventTypes(frames)).toEqual([
      'text-delta',
      'message-dropped',
      'text-delta',
      'prompt-sent',
      'message-stored',
      'run-ended',
    ])
    const partial = shown?.event.type === 'text-delta' ? shown.event.messageId : ''
    expect(frames[1]?.event.event).toEqual({ type: 'message-dropped', messageId: partial })
    expect(lastText(frames)).toBe('A whole answer.')
  })

  it('is looked for once, not by a process that held the conversation last', async () => {
    const store = await openMemoryStore()
    const logsRead: string[] = []
    const counting: Store = {
      ...store,
      listEvents: async (scope, place) => {
        logsRead.push(place.runId)
        return await store.listEvents(scope, place)
      },
    }
    await using product = await createTestApp({
      script: [{ text: 'One.' }, { text: 'Two.' }],
      store: counting,
    })
    const agent = await product.createAgent()
    const runs: string[] = []
    for (const text of ['First?', 'Second?']) {
      const { run } = await product.say(agent, text, { options: { streamTokens: true } })
      await product.app.runtime.recover(defaultScope, { conversationId: run.conversationId })
      runs.push(run.id)
    }
    expect(logsRead).toEqual(runs.slice(0, 1))
  })
})
