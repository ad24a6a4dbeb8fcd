import { describe, expect, it } from 'vitest'
import { defaultScope } from '../domain/scope.ts'
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
})
