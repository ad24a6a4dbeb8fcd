import { expect, test } from 'vitest'
import { type ConsolidationPolicy, neverConsolidated } from '../../domain/consolidation.ts'
import { defaultScope } from '../../domain/scope.ts'
import { createTestApp } from '../../testing/create-test-app.ts'
import { openMemoryStore } from '../../testing/open-memory-store.ts'
import { createScriptedModel, type ScriptedStep } from '../../testing/scripted-model.ts'
import type { Store } from '../../storage/store.ts'

const dayMs = 24 * 60 * 60_000
const texts = ['The boat is called Mia.', 'Mia lies in the harbour of Porto.'] as const
const join: ScriptedStep = { text: '{"merge": [[1, 2]]}', usage: { totalTokens: 700 } }

/** An agent with two passages and a budget, whose model answers by a script. */
async function open(
  script: readonly ScriptedStep[],
  policy: Partial<ConsolidationPolicy> = {},
  given: { readonly store?: Store } = {},
) {
  const test = await createTestApp({ script, ...given })
  const { services, store } = test.app
  const agent = await test.createAgent()
  const set = { ...neverConsolidated, tokensPerDay: 10_000, ...policy }
  await services.consolidation.setPolicy(defaultScope, agent.id, set)
  const keep = async (text: string): Promise<void> => {
    const draft = { text, tags: [], metadata: {}, createdAt: null }
    await services.archives.addPassages(defaultScope, { agentId: agent.id }, [draft])
  }
  for (const text of texts) await keep(text)
  return {
    test,
    agent,
    keep,
    run: (withModel = true) => services.consolidation.run(defaultScope, agent.id, { withModel }),
    passages: async () =>
      (await store.listPassages(defaultScope, { agentId: agent.id, limit: 9, order: 'asc' })).map(
        ({ text }) => text,
      ),
    [Symbol.asyncDispose]: () => Promise.resolve(test[Symbol.asyncDispose]()),
  }
}

test('what a model joins is stored at once, can be undone, and is not asked for again', async () => {
  await using place = await open([join, { text: '{}', usage: { totalTokens: 300 } }])
  const { changes, model } = await place.run()
  expect(model).toEqual({
    state: 'asked',
    reason: null,
    refused: 0,
    tokens: 700,
    usedToday: 700,
    tokensPerDay: 10_000,
  })
  expect(await place.passages()).toEqual([texts.join('\n')])
  expect(changes).toMatchObject([
    { change: { action: 'delete', reason: 'join passages', actor: { id: 'sleep-time' } } },
    { change: { action: 'edit' } },
  ])
  expect((await place.run()).model).toMatchObject({ state: 'asked', usedToday: 1000 })
  expect((await place.run()).model).toMatchObject({ state: 'unchanged', usedToday: 1000 })
  const { memory } = place.test.app.services
  for (const { change } of changes.toReversed()) {
    await memory.undo(defaultScope, place.agent.id, change.number)
  }
  expect((await place.passages()).toSorted()).toEqual([...texts].toSorted())
})

test('who takes back the joined text alone gets back what went into it, and it stays apart', async () => {
  await using place = await open([join, { text: '{"merge": [[1, 3]]}' }])
  await place.keep('Anna likes tea.')
  const { changes } = await place.run()
  const { memory } = place.test.app.services
  const edit = changes.find(({ change }) => change.action === 'edit')
  await memory.undo(defaultScope, place.agent.id, edit?.change.number ?? 0)
  expect((await place.passages()).toSorted()).toEqual([...texts, 'Anna likes tea.'].toSorted())
  expect(await place.run()).toMatchObject({ changes: [], skipped: 1 })
  expect(await place.passages()).toHaveLength(3)
})

test('what a person undid is not joined again', async () => {
  await using place = await open([join, join])
  const { changes } = await place.run()
  await place.test.clock.advance(1000)
  for (const { change } of changes.toReversed()) {
    await place.test.app.services.memory.undo(defaultScope, place.agent.id, change.number)
  }
  expect(await place.run()).toMatchObject({ changes: [], skipped: 1 })
  expect(await place.passages()).toHaveLength(2)
})

test.each([
  ['fails', { failure: { code: 'llm_timeout' } }, 'it failed (llm_timeout)'],
  ['answers nonsense', { text: 'Sure! I merged them.' }, 'not the JSON'],
  ['is cut off', { text: '{"merge": [[1, 2]]}', finishReason: 'length' }, 'cut off'],
] as const)(
  'a model that %s changes nothing, says why, and rules are done',
  async (_case, step, why) => {
    await using place = await open([step, join])
    await place.keep(texts[0].toUpperCase())
    const { changes, model } = await place.run()
    expect(model).toMatchObject({ state: 'failed', reason: expect.stringContaining(why) })
    expect(model.usedToday).toBeGreaterThan(0)
    expect(model.usedToday).toBe(model.tokens)
    expect(changes).toMatchObject([{ change: { reason: 'merge passages' } }])
    expect(await place.passages()).toHaveLength(2)
    // It is asked again, as it has given no answer yet.
    expect((await place.run()).model.state).toBe('asked')
  },
)

test('an answer that does not end is broken off, and what came of it counts', async () => {
  await using place = await open([{ text: '[1, 2], '.repeat(20_000) }])
  const { changes, model } = await place.run()
  expect(changes).toEqual([])
  expect(model).toMatchObject({ state: 'failed', reason: expect.stringContaining('did not end') })
  expect((await place.run()).model.state).toBe('spent')
})

test('a budget that is used up is said so, rules are done, and the next day begins anew', async () => {
  await using place = await open([
    { text: '{}', usage: { totalTokens: 9500 } },
    { text: '{}', usage: { totalTokens: 9500 } },
  ])
  expect((await place.run()).model).toMatchObject({ state: 'asked', usedToday: 9500 })
  await place.keep(texts[0].toUpperCase())
  await place.keep('Anna likes tea.')
  const { changes, model } = await place.run()
  expect(model).toMatchObject({ state: 'spent', tokens: 0, usedToday: 9500 })
  expect(changes).toHaveLength(1)
  await place.test.clock.advance(dayMs)
  await place.keep('A new thing.')
  expect((await place.run()).model).toMatchObject({ state: 'asked', usedToday: 9500 })
})

test('a memory that no longer fits into the day is shown whole on the next one, not in part today', async () => {
  await using place = await open([
    { text: '{}', usage: { totalTokens: 5000 } },
    { text: '{}', usage: { totalTokens: 5000 } },
  ])
  await place.run()
  for (let index = 0; index < 40; index += 1) {
    await place.keep(`On quay ${index} lies the boat ${'of somebody else '.repeat(12)}.`)
  }
  expect((await place.run()).model).toMatchObject({ state: 'spent', usedToday: 5000 })
  await place.test.clock.advance(dayMs)
  expect((await place.run()).model).toMatchObject({ state: 'asked', usedToday: 5000 })
  const asked = JSON.stringify(place.test.model.requests.at(-1)?.messages)
  for (const shown of [...texts, 'quay 39']) expect(asked).toContain(shown)
})

test('a process that dies after the answer has its tokens counted, and the next one joins once', async () => {
  const store = await openMemoryStore()
  let calls = 0
  const dying: Store = {
    ...store,
    spendTokens: async (scope, input) => {
      calls += 1
      // The first only looks, the second reserves, the third would give back.
      if (calls === 3) throw new Error('killed')
      return await store.spendTokens(scope, input)
    },
  }
  await using place = await open([join, join], {}, { store: dying })
  await expect(place.run()).rejects.toThrow('killed')
  expect(await place.passages()).toHaveLength(2)
  const { usedToday } = (await place.run(false)).model
  expect(usedToday).toBeGreaterThan(700)
  expect((await place.run()).model.usedToday).toBe(usedToday + 700)
  expect(await place.passages()).toEqual([texts.join('\n')])
})

test('where edits are reviewed it proposes; what only a person can judge waits in any case', async () => {
  const answer = { text: '{"merge": [[1, 2]], "passages": [{"entry": 4, "of": 3}]}' }
  await using place = await open([answer, answer])
  const { memory } = place.test.app.services
  await place.keep('Anna only drinks green tea in the morning')
  await place.keep('Anna drinks green tea')
  const { changes, proposals } = await place.run()
  expect(changes).toHaveLength(2)
  expect(proposals).toHaveLength(1)
  expect(proposals[0]?.notes[0]).toContain('"Anna drinks green tea", as it says no more than')
  expect(await place.passages()).toHaveLength(3)
  const number = proposals[0]?.proposal.number ?? 0
  await memory.apply(defaultScope, place.agent.id, number)
  expect(await place.passages()).toHaveLength(2)
})

test('a rejected suggestion is not made again, and one whose keeper is gone is refused', async () => {
  const answer = { text: '{"merge": [[1, 2]]}' }
  await using place = await open([answer, answer])
  const { archives, memory } = place.test.app.services
  await memory.setMode(defaultScope, place.agent.id, 'review')
  const { changes, proposals } = await place.run()
  expect(changes).toEqual([])
  const number = proposals[0]?.proposal.number ?? 0
  const [first] = await place.test.app.store.listPassages(defaultScope, {
    agentId: place.agent.id,
    limit: 1,
    order: 'asc',
  })
  const target = { agentId: place.agent.id }
  await archives.deletePassage(defaultScope, target, first?.id ?? '')
  await expect(memory.apply(defaultScope, place.agent.id, number)).rejects.toThrow('Cannot tidy')
  expect(await place.passages()).toEqual([texts[1]])
})

test('without a budget no model is asked, and one that only quotes is refused', async () => {
  await using free = await open([], { tokensPerDay: null })
  expect((await free.run()).model).toMatchObject({ state: 'off', tokens: 0 })
  const quoting = createScriptedModel({ steps: [], info: { extractive: true } })
  await using test = await createTestApp({ models: [quoting] })
  const agent = await test.createAgent()
  const { consolidation } = test.app.services
  await consolidation.setPolicy(defaultScope, agent.id, {
    ...neverConsolidated,
    tokensPerDay: 9000,
  })
  const { model } = await consolidation.run(defaultScope, agent.id)
  expect(model).toMatchObject({ state: 'failed', reason: expect.stringContaining('only quotes') })
  const unknown = { ...neverConsolidated, model: 'nobody/nothing' }
  await expect(consolidation.setPolicy(defaultScope, agent.id, unknown)).rejects.toThrow('nobody')
})
