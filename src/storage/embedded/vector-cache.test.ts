import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FloatSet } from './float-set.ts'
import { VectorCache } from './vector-cache.ts'

const minute = 60_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A set of so many megabytes. */
function setOf(megabytes: number): FloatSet {
  return new FloatSet(1024, megabytes * 256)
}

/** Which of these sets are kept. */
function kept(cache: VectorCache, keys: readonly string[]): readonly string[] {
  return keys.filter((key) => cache.find(key) !== undefined)
}

test('VectorCache gives up the sets that were used longest ago when they take more than 128 MB, and never the newest', () => {
  const cache = new VectorCache()
  for (const key of ['one', 'two', 'three']) cache.keep(key, setOf(40))
  cache.keep('one', setOf(40))
  cache.keep('four', setOf(40))
  expect(kept(cache, ['one', 'two', 'three', 'four'])).toEqual(['one', 'three', 'four'])
  cache.keep('large', setOf(200))
  expect(kept(cache, ['one', 'three', 'four', 'large'])).toEqual(['large'])
  cache.clear()
})

test('VectorCache gives up sets that nobody has searched for ten minutes, also when it is not asked for any', () => {
  const cache = new VectorCache()
  cache.keep('one', setOf(1))
  cache.keep('two', setOf(1))
  vi.advanceTimersByTime(9 * minute)
  expect(kept(cache, ['one', 'two'])).toEqual(['one', 'two'])
  cache.keep('two', setOf(1))
  vi.advanceTimersByTime(6 * minute)
  expect(kept(cache, ['one', 'two'])).toEqual(['two'])
  vi.advanceTimersByTime(10 * minute)
  expect(kept(cache, ['one', 'two'])).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

test('VectorCache leaves no timer behind when its last set is dropped', () => {
  const cache = new VectorCache()
  cache.keep('one', setOf(1))
  cache.drop('one')
  expect(vi.getTimerCount()).toBe(0)
  cache.keep('one', setOf(1))
  cache.clear()
  expect(vi.getTimerCount()).toBe(0)
})
