import { expect, test } from 'vitest'
import { cutBlock } from './block-cuts.ts'
import { createMatcher } from './matcher.ts'

test('cutBlock() takes words out, lines of which nothing is left, and words over line breaks', () => {
  const matcher = createMatcher(['Locker code: 4711', 'likes the harbour'])
  expect(cutBlock('Name: Ada\n- Locker code: 4711\nAge: 30', matcher, [])).toBe(
    'Name: Ada\nAge: 30',
  )
  expect(cutBlock('Ada likes the harbour a lot.', matcher, [])).toBe('Ada a lot.')
  expect(cutBlock('Ada likes\nthe harbour', matcher, [])).toBe('Ada ')
  expect(cutBlock('nothing', matcher, [])).toBe('nothing')
})

test('cutBlock() leaves what stood in the block before a change that is forgotten', () => {
  const own = { from: 2, matcher: createMatcher(['10']), kept: new Set(['Anna is 10.']) }
  const cut = cutBlock('Anna is 10.\nBen is 10.', createMatcher([]), [own])
  expect(cut).toBe('Anna is 10.\nBen is')
})
