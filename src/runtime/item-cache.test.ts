import { expect, test } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import { sampleAgent, sampleBlock, sampleConversation, sampleItems } from '../testing/samples.ts'
import { ItemCache, type CachedView } from './item-cache.ts'

const place = { agent: sampleAgent(), conversation: sampleConversation(), blocks: [] }
const prefix = { key: 'k', system: '', builtAt: 0, shown: {}, shownFacts: {} }

function createCache(mostBytes = 50_000): ItemCache {
  return new ItemCache({ clock: createFakeClock(), idleMs: 600_000, mostBytes })
}

/** A view of one message of so many characters. */
function viewOf(characters: number): CachedView {
  const text = 'x'.repeat(characters)
  return { fence: 1, items: sampleItems([{ content: [{ type: 'text', text }] }]), place }
}

/** Whether each of these conversations is remembered. */
function remembered(cache: ItemCache, ids: readonly string[]): readonly boolean[] {
  return ids.map((id) => cache.get(id) !== null)
}

test('ItemCache forgets the views that were put longest ago when they take more than there is room for', () => {
  const cache = createCache()
  for (const id of ['one', 'two', 'three', 'four']) cache.put(id, viewOf(1500))
  expect(remembered(cache, ['one', 'two', 'three', 'four'])).toEqual([true, true, true, true])
  cache.put('one', viewOf(1500))
  cache.put('five', viewOf(1500))
  expect(remembered(cache, ['one', 'two', 'three', 'four', 'five'])).toEqual([
    true,
    false,
    true,
    true,
    true,
  ])
})

test('ItemCache holds no more of many short conversations than it says', () => {
  const cache = createCache()
  for (let index = 0; index < 1000; index += 1) {
    cache.put(`conv-${index}`, viewOf(10))
    expect(cache.bytes).toBeLessThanOrEqual(50_000)
  }
  const kept = Array.from({ length: 1000 }, (_, index) => cache.get(`conv-${index}`))
  const texts = kept.flatMap((view) => (view === null ? [] : [JSON.stringify(view)]))
  expect(texts.length).toBeGreaterThan(3)
  expect(texts.join('').length).toBeLessThan(50_000)
  for (const index of kept.keys()) cache.forget(`conv-${index}`)
  expect(cache.bytes).toBe(0)
})

test('ItemCache does not keep a view that would leave little room for others, nor the one it replaces', () => {
  const cache = createCache()
  cache.put('one', viewOf(100))
  cache.put('one', viewOf(3000))
  expect(cache.get('one')).toBeNull()
  for (const id of ['two', 'three', 'four', 'five']) cache.put(id, viewOf(1500))
  expect(remembered(cache, ['two', 'three', 'four', 'five'])).toEqual([true, true, true, true])
})

test('ItemCache counts what tools were told and returned, and pictures', () => {
  const long = 'x'.repeat(3000)
  const call = { callId: 'c', name: 'note', arguments: long }
  const { callId, name } = call
  const back = { callId, name, status: 'success', text: long, stdout: null, stderr: null } as const
  for (const given of [
    { toolCalls: [call] },
    { toolReturns: [back] },
    { content: [{ type: 'image', source: { data: long } }] },
  ] as const) {
    const cache = createCache()
    cache.put('one', { fence: 1, items: sampleItems([{ content: [], ...given }]), place })
    expect(cache.get('one')).toBeNull()
  }
})

test('ItemCache counts the agent with its blocks, the prompt it was sent last, and what that showed', () => {
  const long = 'x'.repeat(6000)
  const withPrefix = (given: Partial<typeof prefix>): CachedView['place'] => ({
    ...place,
    conversation: sampleConversation({ prefix: { ...prefix, ...given } }),
  })
  for (const large of [
    { ...place, agent: sampleAgent({ system: long }) },
    { ...place, agent: sampleAgent({ extra: { note: long } }) },
    { ...place, blocks: [sampleBlock({ value: long })] },
    withPrefix({ system: long }),
    withPrefix({ shown: { [long]: { label: 'human', version: 1 } } }),
    withPrefix({ shownFacts: { [long]: '1' } }),
  ]) {
    const cache = createCache()
    cache.put('one', { ...viewOf(10), place: large })
    expect(cache.get('one')).toBeNull()
  }
})

test('ItemCache drops what no turn has asked for in a while, also when the clock was set back', async () => {
  const clock = createFakeClock()
  let offset = 0
  const moved = { now: () => clock.now() + offset }
  const cache = new ItemCache({ clock: moved, idleMs: 600_000 })
  cache.put('one', viewOf(10))
  cache.put('two', viewOf(10))
  await clock.advance(599_999)
  cache.put('one', viewOf(10))
  cache.forgetIdle()
  expect(remembered(cache, ['one', 'two'])).toEqual([true, true])
  await clock.advance(1)
  cache.forgetIdle()
  expect(remembered(cache, ['one', 'two'])).toEqual([true, false])
  offset = -3_600_000
  cache.forgetIdle()
  expect(cache.get('one')).toBeNull()
  expect(cache.bytes).toBe(0)
})
