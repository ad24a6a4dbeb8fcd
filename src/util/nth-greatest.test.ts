import { expect, test } from 'vitest'
import { nthGreatest } from './nth-greatest.ts'

test('nthGreatest() finds what sorting puts at each place, equals and orders of all kinds included', () => {
  const lists = [
    [7],
    [1, 2],
    [2, 1],
    [3, 3, 3, 3],
    Array.from({ length: 50 }, (_, index) => index),
    Array.from({ length: 50 }, (_, index) => -index),
    Array.from({ length: 200 }, (_, index) => (index * 7919) % 31),
    Array.from({ length: 200 }, (_, index) => ((index * 7919) % 997) / 3),
  ]
  for (const list of lists) {
    const sorted = list.toSorted((left, right) => right - left)
    const found = list.map((_, index) => nthGreatest([...list], index + 1))
    expect(found).toEqual(sorted)
  }
})
