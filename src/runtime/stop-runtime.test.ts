import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { defaultConversationId } from '../domain/identifier.ts'
import { defaultScope } from '../domain/scope.ts'
import type { Store } from '../storage/store.ts'
import { createTestApp, type TestApp } from '../testing/create-test-app.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import { readHistory } from '../testing/run-frames.ts'

/** Longer than the turn that is still running when a test stops the runtime. */
const deadlineMs = 120_000

describe('Runtime.stop()', () => {
  it('refuses an input that was being checked when the program began to stop', async () => {
    const store = await openMemoryStore()
    const reading = Promise.withResolvers<void>()
    const getConversationWithAgent: Store['getConversationWithAgent'] = async (scope, input) => {
      await reading.promise
      return await store.getConversationWithAgent(scope, input)
    }
    const test = await createTestApp({ store: { ...store, getConversationWithAgent } })
    const agent = await test.createAgent()
    const said = test.say(agent, 'Too late.')
    const stopped = test.app.runtime.stop()
    reading.resolve()
    await expect(said).rejects.toMatchObject({ code: 'storage_closed' })
    await stopped
    expect(await readHistory(test, agent.id)).toEqual([])
    const conversationId = defaultConversationId(agent.id)
    expect(await store.readLease(defaultScope, { conversationId })).toBeNull()
    await test.app.close()
  })

  it('begins with nothing that is resumed while the last turns end', async () => {
    const { test, resting } = await startBusy()
    const stopped = test.app.runtime.stop({ deadlineMs })
    const { state } = await test.app.runtime.resume(defaultScope, resting)
    expect(state).toBe('active')
    await expectOnlyBusyToRun(test, stopped)
    await test.app.close()
  })

  it('begins with nothing that was being looked for when it was called', async () => {
    const looking = Promise.withResolvers<void>()
    const store = await openMemoryStore()
    const listOpenWork: Store['listOpenWork'] = async (scope, input) => {
      await looking.promise
      return await store.listOpenWork(scope, input)
    }
    const { test, resting } = await startBusy({ ...store, listOpenWork })
    const { conversationId: id } = resting
    await store.resumeConversation(defaultScope, { id, at: test.clock.now() })
    test.app.runtime.start()
    const stopped = test.app.runtime.stop({ deadlineMs })
    looking.resolve()
    await expectOnlyBusyToRun(test, stopped)
    await test.app.close()
  })

  it('asks the store nothing any more when it has resolved', async () => {
    const looking = Promise.withResolvers<void>()
    const store = await openMemoryStore()
    const ended = { isIt: false, askedLater: 0 }
    const listOpenWork: Store['listOpenWork'] = async (scope, input) => {
      await looking.promise
      return await store.listOpenWork(scope, input)
    }
    const nextWakeAt: Store['nextWakeAt'] = async (scope, input) => {
      if (ended.isIt) ended.askedLater += 1
      return await store.nextWakeAt(scope, input)
    }
    const test = await createTestApp({ store: { ...store, listOpenWork, nextWakeAt } })
    test.app.runtime.start()
    const stopped = test.app.runtime.stop().then(() => (ended.isIt = true))
    await setImmediate()
    const wasEndedEarly = ended.isIt
    looking.resolve()
    await stopped
    await test.clock.advance(2000)
    expect({ wasEndedEarly, askedLater: ended.askedLater }).toEqual({
      wasEndedEarly: false,
      askedLater: 0,
    })
    await test.app.close()
  })
})

/** An app with a turn that takes a minute, and a paused conversation in which one waits. */
async function startBusy(
  store?: Store,
): Promise<{ test: TestApp; resting: { readonly conversationId: string } }> {
  const script = [{ delayMs: 60_000, text: 'Done.' }]
  const test = await createTestApp({ script, ...(store !== undefined && { store }) })
  const agent = await test.createAgent()
  const resting = { conversationId: defaultConversationId(agent.id) }
  await test.app.runtime.pause(defaultScope, { ...resting, now: false })
  await test.say(agent, 'When you can.')
  await test.say(await test.createAgent(), 'Take your time.')
  return { test, resting }
}

/** Lets the turn of {@link startBusy} end, and looks whether another one was begun. */
async function expectOnlyBusyToRun(test: TestApp, stopped: Promise<void>): Promise<void> {
  await test.clock.advance(60_000)
  await stopped
  expect(test.model.requests).toHaveLength(1)
  expect(JSON.stringify(test.model.requests[0]?.messages)).toContain('Take your time.')
}
