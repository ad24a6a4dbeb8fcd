import { expect, test } from 'vitest'
import { createInterrupts } from './interrupts.ts'

function createAt(times: number[]) {
  return createInterrupts(() => times.shift() ?? 0)
}

test('one Ctrl-C cancels a running turn, a second one soon after leaves', () => {
  const interrupt = createInterrupts(() => 0)
  expect(interrupt(true)).toBe('cancel')
  expect(interrupt(true)).toBe('leave')
})

test('a second Ctrl-C much later is a first one again', () => {
  const interrupt = createAt([0, 0, 60_000, 60_000])
  expect(interrupt(false)).toBe('hint')
  expect(interrupt(false)).toBe('hint')
})
