import { expect, test } from 'vitest'
import { toStorable } from './storable.ts'

test('toStorable() leaves what can be stored as it is', () => {
  const value = { text: 'ünï 🐘 \n', list: [1, null, true, { a: '' }] }
  expect(toStorable(value)).toEqual({ value, removed: 0 })
})

test.each([
  ['a NUL', 'a\0b', 'ab', 1],
  ['a high surrogate', '\ud83dx', 'x', 1],
  ['a low surrogate', 'x\udc18', 'x', 1],
  ['two high ones before a pair', '\ud83d\ud83d\udc18', '🐘', 1],
  ['a swapped pair', '\udc18\ud83d', '', 2],
])('toStorable() takes out %s', (_name, given, value, removed) => {
  expect(toStorable({ [`key${given}`]: [given] })).toEqual({
    value: { [`key${value}`]: [value] },
    removed: removed * 2,
  })
})

test('toStorable() refuses what is nested to exhaust a stack', () => {
  let value: unknown = 'deep'
  for (let level = 0; level < 100_000; level += 1) value = [value]
  expect(() => toStorable(value)).toThrow(/nested deeper than 200 levels/)
})
