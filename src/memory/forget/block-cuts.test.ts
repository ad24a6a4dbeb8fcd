import { expect, test } from 'vitest'
import { cutBlock } from './block-cuts.ts'
import { createMatcher } from './needles.ts'

test('cutBlock() takes words out, lines of which nothing is left, and words over line breaks', () => {
  const matchers = [createMatcher(['Locker code: 4711', 'likes the harbour'])]
  expect(cutBlock('Name: Ada\n- Locker code: 4711\nAge: 30', matchers)).toBe('Name: Ada\nAge: 30')
  expect(cutBlock('Ada likes the harbour a lot.', matchers)).toBe('Ada a lot.')
  expect(cutBlock('Ada likes\nthe harbour', matchers)).toBe('Ada ')
  expect(cutBlock('nothing', matchers)).toBe('nothing')
})
