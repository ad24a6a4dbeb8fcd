import { expect, test } from 'vitest'
import { systemScope, defaultScope } from '../../domain/scope.ts'
import { type ConsolidationPolicy, neverConsolidated } from '../../domain/consolidation.ts'
import { createTestApp } from '../../testing/create-test-app.ts'

const minute = 60_000

/** An agent whose block repeats a line, with a policy; `value` is the block now. */
async function open(policy: Partial<ConsolidationPolicy>) {
  const test = await createTestApp({
    script: Array.from({ length: 9 }, () => ({ text: 'Fine.' })),
  })
  const { app, clock } = test
  const agent = await test.createAgent()
  const { consolidation, blocks } = app.services
  await consolidation.setPolicy(defaultScope, agent.id, {
    ...neverConsolidated,
    ...policy,
  })
  const [block] = await app.store.listAgentBlocks(defaultScope, { agentId: agent.id })
  const id = block?.id ?? ''
  const mess = 'Likes green tea.\nLikes green tea.'
  return {
    test,
    agent,
    mess,
    untidy: () => blocks.update(defaultScope, id, { value: mess }),
    value: async () => (await app.store.getBlock(defaultScope, { id })).value,
    tell: async () => {
      await clock.advance(minute)
      await test.ask(agent, 'Hello.')
      await clock.advance(100)
    },
    queued: async () =>
      (await app.store.listJobs(defaultScope, { kinds: ['consolidate'], limit: 9 })).length,
    [Symbol.asyncDispose]: () => Promise.resolve(test[Symbol.asyncDispose]()),
  }
}

test('memory is tidied after every so many turns, in the background, and counted anew by no restart', async () => {
  await using place = await open({ everyTurns: 2 })
  await place.untidy()
  await place.tell()
  expect(await place.queued()).toBe(0)
  await place.tell()
  expect(await place.queued()).toBe(1)
  expect(await place.value()).toBe(place.mess)
  place.test.app.jobs.start()
  await place.test.clock.advance(minute)
  expect(await place.value()).toBe('Likes green tea.')
  const [change] = await place.test.app.services.memory.history(defaultScope, place.agent.id, {
    limit: 1,
  })
  expect(change?.change).toMatchObject({
    actor: { kind: 'system', id: 'sleep-time' },
    reason: 'tidy block',
  })
  await place.tell()
  await place.tell()
  await place.test.clock.advance(minute)
  expect(await place.queued()).toBe(2)
})

test('memory is tidied when the agent has rested long enough, and not before', async () => {
  await using place = await open({ afterIdleMinutes: 10 })
  await place.untidy()
  place.test.app.jobs.start()
  await place.tell()
  await place.test.clock.advance(8 * minute)
  await place.tell()
  await place.test.clock.advance(8 * minute)
  expect(await place.value()).toBe(place.mess)
  await place.test.clock.advance(3 * minute)
  expect(await place.value()).toBe('Likes green tea.')
})

test('without a policy a turn leaves no job, and the job of a deleted agent ends', async () => {
  await using place = await open({})
  await place.tell()
  expect(await place.queued()).toBe(0)
  await using other = await open({ everyTurns: 1 })
  await other.tell()
  const { store } = other.test.app
  await store.deleteAgent(defaultScope, { id: other.agent.id })
  other.test.app.jobs.start()
  await other.test.clock.advance(minute)
  expect(await store.countJobs(systemScope, { exceptKinds: [], at: 0 })).toMatchObject({ dead: 0 })
})
