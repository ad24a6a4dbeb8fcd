import { expect, test } from 'vitest'
import { Recently } from './recently.ts'

test('Recently meets a thing once in a while', () => {
  const recently = new Recently(60)
  const met = [0, 59, 60, 100, 120].map((now) => recently.meet('one', now))
  expect(met).toEqual([true, false, true, false, true])
  expect(recently.meet('two', 120)).toBe(true)
})

test('Recently holds only what was met within the while, and nothing from a time that has not come', () => {
  const recently = new Recently(60)
  for (let now = 0; now < 1000; now += 1) recently.meet(`thing ${now}`, now)
  expect(recently.size).toBe(60)
  // The clock was set back.
  expect(recently.meet('thing 999', 10)).toBe(true)
  expect(recently.size).toBe(1)
})
