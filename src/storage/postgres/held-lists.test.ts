import { expect, test } from 'vitest'
import { countedUpTo } from '../contract/search-store.ts'
import {
  HeldLists,
  withNewcomers,
  type ListsVersion,
  type Newcomer,
  type TermList,
} from './held-lists.ts'

const version: ListsVersion = { removed: 0, documentCount: 9, lastSequence: 20 }

function listOf(...numbers: number[]): TermList {
  const list = { thread: 't', isEligible: true, numbers, places: numbers }
  return { texts: numbers.length, threads: [list] }
}

function newcomer(number: number, given: Partial<Newcomer> = {}): Newcomer {
  const keys = new Set(['heron'])
  return { thread: 't', isEligible: true, number, place: number, keys, ...given }
}

/** Holds lists for the first time. */
function hold(held: HeldLists, name: string, lists: Readonly<Record<string, TermList>>): void {
  const read = { version, lists: new Map(Object.entries(lists)), newcomers: null }
  held.keep(name, held.known(name, []), read)
}

test('newcomers go to the list of their thread, and to one of their own where they stand nowhere or fail the filter', () => {
  const list = listOf(1)
  const newcomers = [
    newcomer(21),
    newcomer(22, { thread: 'u' }),
    newcomer(23, { place: null }),
    newcomer(24, { isEligible: false }),
    newcomer(25, { keys: new Set(['egret']) }),
    newcomer(26),
  ]
  const { texts, threads } = withNewcomers(list, 'heron', newcomers)
  expect(texts).toBe(6)
  expect(threads.map(({ thread, numbers, places }) => [thread, numbers, places])).toEqual([
    ['t', [1, 21, 26], [1, 21, 26]],
    ['u', [22], [22]],
    ['t', [23], null],
    ['t', [24], [24]],
  ])
  expect(list).toEqual(listOf(1))
  expect(withNewcomers(list, 'egret', newcomers.slice(0, 1))).toBe(list)
})

test('lists of a scope are held in one version, all of them brought to the next', () => {
  const held = new HeldLists()
  expect(held.known('s', ['heron'])).toEqual({ version: null, lists: new Map() })
  hold(held, 's', { heron: listOf(1), egret: listOf(2) })
  const before = held.known('s', ['heron', 'crane'])
  expect(before).toEqual({ version, lists: new Map([['heron', listOf(1)]]) })
  const next = { ...version, documentCount: 10, lastSequence: 22 }
  const crane = new Map([['crane', listOf(3)]])
  held.keep('s', before, { version: next, lists: crane, newcomers: [newcomer(21)] })
  expect(held.known('s', ['heron', 'egret', 'crane'])).toEqual({
    version: next,
    lists: new Map([
      ['heron', listOf(1, 21)],
      ['egret', listOf(2)],
      ['crane', listOf(3)],
    ]),
  })
  // A search that began before knows nothing of the newcomer.
  held.keep('s', before, { version, lists: new Map([['stork', listOf(4)]]), newcomers: [] })
  expect(held.known('s', ['stork'])).toEqual({ version: next, lists: new Map() })
  const anew = { ...next, removed: 1 }
  const lists = new Map([['stork', listOf(4)]])
  held.keep('s', held.known('s', ['stork']), { version: anew, lists, newcomers: null })
  expect(held.known('s', ['heron', 'stork'])).toEqual({ version: anew, lists })
})

test('no list is held of a term that is too common to be listed, nor of one that becomes so', () => {
  const held = new HeldLists()
  const most = { ...listOf(1), texts: countedUpTo - 1 }
  hold(held, 's', { heron: most, egret: { texts: countedUpTo, threads: [] } })
  const before = held.known('s', ['heron', 'egret'])
  expect([...before.lists.keys()]).toEqual(['heron'])
  const next = { ...version, documentCount: 10 }
  held.keep('s', before, { version: next, lists: new Map(), newcomers: [newcomer(21)] })
  expect(held.known('s', ['heron'])).toEqual({ version: next, lists: new Map() })
})

test('what is held is bounded: the scopes searched longest ago go first, then the lists read first', () => {
  const long = listOf(...Array.from({ length: 100 }, (_, index) => index))
  const held = new HeldLists(10_000)
  hold(held, 'one', { heron: long, egret: long })
  const { bytes } = held
  expect(bytes).toBeGreaterThan(2 * 100 * 16)
  hold(held, 'two', { heron: long, egret: long })
  expect(held.known('one', ['heron']).lists.size).toBe(1)
  held.keep('one', held.known('one', []), { version, lists: new Map(), newcomers: [] })
  hold(held, 'three', { heron: long, egret: long })
  expect(held.known('two', ['heron']).version).toBe(null)
  expect(held.known('one', ['heron']).lists.size).toBe(1)
  expect(held.bytes).toBe(2 * bytes)
  hold(held, 'four', Object.fromEntries(Array.from({ length: 9 }, (_, key) => [key, long])))
  expect([...held.known('four', ['0', '1', '8']).lists.keys()]).toEqual(['8'])
  expect(held.bytes).toBeLessThanOrEqual(10_000)
  // A scope whose terms are all too common to be listed takes room as well.
  for (let count = 0; count < 100; count += 1) hold(held, `without lists ${count}`, {})
  expect(held.known('without lists 0', []).version).toBe(null)
  for (let count = 0; count < 100; count += 1) held.drop(`without lists ${count}`)
  for (const name of ['one', 'two', 'three', 'four']) held.drop(name)
  expect(held.bytes).toBe(0)
})
