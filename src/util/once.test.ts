import { expect, test } from 'vitest'
import { once } from './once.ts'

test('once() makes its value at the first call only, even one that is undefined', () => {
  let calls = 0
  const value = once(() => {
    calls += 1
    return undefined
  })
  expect(calls).toBe(0)
  expect([value(), value(), calls]).toEqual([undefined, undefined, 1])
})
