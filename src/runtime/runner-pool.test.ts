import { expect, it } from 'vitest'
import { defaultScope } from '../domain/scope.ts'
import { defaultConversationId } from '../domain/identifier.ts'
import { asProcess } from '../testing/as-process.ts'
import { openMemoryStore } from '../testing/open-memory-store.ts'
import type { Store } from '../storage/store.ts'
import { createTestApp } from '../testing/create-test-app.ts'
import { createNumberedIds } from '../testing/numbered-ids.ts'
import { lastText } from '../testing/run-frames.ts'

it('shows the answer to a message that another process carried on before this one came to it', async () => {
  const store = await openMemoryStore()
  const ids = createNumberedIds()
  await using other = await createTestApp({ ids, store, script: [{ text: 'Done.' }] })
  const claimWork: Store['claimWork'] = async (scope, input) => {
    await other.app.runtime.recover(defaultScope, input)
    return await store.claimWork(scope, input)
  }
  // A server without a free place leaves what it accepts to whoever comes first.
  const acceptInput: Store['acceptInput'] = async (scope, input) => {
    const { claim, ...unclaimed } = input
    expect(claim).toBeDefined()
    return await store.acceptInput(scope, unclaimed)
  }
  const shared = { ...store, acceptInput, claimWork, close: () => Promise.resolve() }
  await using late = await createTestApp({ ids, store: shared })
  const agent = await other.createAgent()
  const { run } = await late.say(agent, 'Who answers?')
  expect(lastText(await late.frames(run.id))).toBe('Done.')
})

it('shows the end of a turn that another process took over in the middle', async () => {
  const store = await openMemoryStore()
  const ids = createNumberedIds()
  const slow = [{ text: 'Never said.', delayBeforeEndMs: 1000 }]
  await using first = await createTestApp({ ids, store: asProcess(store, 'first'), script: slow })
  const heir = asProcess(store, 'second', ['first'])
  await using second = await createTestApp({ ids, store: heir, script: [{ text: 'Done.' }] })
  const agent = await first.createAgent()
  const { run } = await first.say(agent, 'Who answers?')
  const shown = first.frames(run.id)
  await first.clock.advance(10)
  const conversationId = defaultConversationId(agent.id)
  expect(await second.app.runtime.recover(defaultScope, { conversationId })).toBe(1)
  await first.clock.advance(1000)
  expect(lastText(await shown)).toBe('Done.')
})

it('carries on a turn that somebody reads here when the process that took it over is gone', async () => {
  const store = await openMemoryStore()
  const ids = createNumberedIds()
  const slow = { text: 'Never said.', delayBeforeEndMs: 1000 }
  const dead: string[] = []
  const own = asProcess(store, 'first', dead)
  await using first = await createTestApp({ ids, store: own, script: [slow, { text: 'Done.' }] })
  const heir = asProcess(store, 'second', ['first'])
  await using second = await createTestApp({ ids, store: heir, script: [slow] })
  const agent = await first.createAgent()
  const { run } = await first.say(agent, 'Who answers?')
  const shown = first.frames(run.id)
  await first.clock.advance(10)
  const conversationId = defaultConversationId(agent.id)
  second.app.runtime.recover(defaultScope, { conversationId }).catch(() => 0)
  await second.clock.advance(10)
  await first.clock.advance(1000)
  dead.push('second')
  await first.clock.advance(10_000)
  await second.clock.advance(1000)
  expect(lastText(await shown)).toBe('Done.')
})
