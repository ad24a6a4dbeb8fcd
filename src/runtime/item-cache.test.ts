import { expect, test } from 'vitest'
import { sampleAgent, sampleConversation, sampleItems } from '../testing/samples.ts'
import { ItemCache, type CachedView } from './item-cache.ts'

const place = { agent: sampleAgent(), conversation: sampleConversation(), blocks: [] }

/** A view of one message of so many characters. */
function viewOf(characters: number): CachedView {
  const text = 'x'.repeat(characters)
  return { fence: 1, items: sampleItems([{ content: [{ type: 'text', text }] }]), place }
}

/** Whether each of these conversations is remembered. */
function remembered(cache: ItemCache, ids: readonly string[]): readonly boolean[] {
  return ids.map((id) => cache.get(id) !== null)
}

test('ItemCache forgets the views that were put longest ago when their texts take more than there is room for', () => {
  const cache = new ItemCache(10_000)
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

test('ItemCache does not keep a view that would leave little room for others, nor the one it replaces', () => {
  const cache = new ItemCache(10_000)
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
    const cache = new ItemCache(10_000)
    cache.put('one', { fence: 1, items: sampleItems([{ content: [], ...given }]), place })
    expect(cache.get('one')).toBeNull()
  }
})
