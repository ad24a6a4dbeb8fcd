import { describe, expect, it, vi } from 'vitest'
import { defaultScope } from '../domain/scope.ts'
import type { CommitNews } from '../storage/commit-news.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import type { Store } from '../storage/store.ts'
import { createTestApp } from '../testing/create-test-app.ts'
import { eventTypes } from '../testing/run-frames.ts'
import { EventHub } from './event-hub.ts'
import { followRun } from './follow-run.ts'
import type { RunFrame } from './runtime.ts'

describe('followRun() of a run that another process carries on', () => {
  it('shows an end that is committed between two looks at the store', async () => {
    const store = await openMemoryStore()
    await using runner = await createTestApp({
      script: [{ text: 'Done.', delayBeforeEndMs: 1000 }],
      store,
    })
    const { run } = await runner.say(await runner.createAgent(), 'Well?')
    let looks = 0
    const watched: Store = {
      ...store,
      getRun: async (scope, input) => {
        looks += 1
        if (looks === 2) {
          await runner.clock.advance(1000)
          await runner.frames(run.id)
        }
        return await store.getRun(scope, input)
      },
    }
    const sources = { store: watched, hub: new EventHub(), clock: runner.clock }
    const frames: RunFrame[] = []
    for await (const frame of followRun(sources, defaultScope, { runId: run.id })) {
      frames.push(frame)
    }
    expect(looks).toBe(2)
    expect(eventTypes(frames)).toEqual(['prompt-sent', 'message-stored', 'run-ended'])
  })

  it('ends before a gap when the log is removed while it is read', async () => {
    const store = await openMemoryStore()
    await using runner = await createTestApp({ script: [{ text: 'Done.' }], store })
    const { run } = await runner.say(await runner.createAgent(), 'Well?')
    const whole = await runner.frames(run.id)
    await store.pruneEvents(defaultScope, { endedBefore: 9e15, limit: 2 })
    const sources = { store, hub: new EventHub(), clock: runner.clock }
    for (const after of [0, 1, 2]) {
      const frames: RunFrame[] = []
      const request = { runId: run.id, after }
      for await (const frame of followRun(sources, defaultScope, request)) frames.push(frame)
      expect(eventTypes(frames)).toEqual(after < 2 ? [] : eventTypes(whole.slice(2)))
    }
  })

  it('reads the store again only after a commit that its log may have grown with', async () => {
    const store = await openMemoryStore()
    await using runner = await createTestApp({
      script: [{ text: 'Done.', delayBeforeEndMs: 500 }],
      store,
    })
    const { run } = await runner.say(await runner.createAgent(), 'Well?')
    await runner.clock.advance(10)
    let [reads, looks] = [0, 0]
    let tell: (news: CommitNews) => void = () => undefined
    const remote: Store = {
      ...store,
      watch: (listener) => {
        tell = listener
        return () => undefined
      },
      getRun: async (scope, input) => {
        looks += 1
        return await store.getRun(scope, input)
      },
      listEvents: async (scope, input) => {
        reads += 1
        return await store.listEvents(scope, input)
      },
    }
    const sources = { store: remote, hub: new EventHub(), clock: runner.clock }
    const frames = Array.fromAsync(followRun(sources, defaultScope, { runId: run.id }))
    await vi.waitFor(() => expect([reads, looks]).toEqual([1, 2]))
    const before = reads
    for (const logs of [new Map(), new Map([['run-other', 9]])]) {
      tell({ logs, stops: true, work: true })
      await runner.clock.advance(10)
    }
    expect(reads).toBe(before)
    await runner.clock.advance(500)
    tell({ logs: new Map([[run.id, 3]]), stops: false, work: false })
    expect(eventTypes(await frames)).toEqual(['prompt-sent', 'message-stored', 'run-ended'])
    expect(reads).toBe(before + 1)
  })
})
