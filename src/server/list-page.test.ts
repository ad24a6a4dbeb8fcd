import { expect, test } from 'vitest'
import { toListPage } from './list-page.ts'

const items = ['a', 'b', 'c', 'd'].map((id) => ({ id }))

test.each([
  [{ limit: 2, order: 'asc' }, 'ab'],
  [{ limit: 2, order: 'desc' }, 'dc'],
  [{ limit: 9, order: 'asc', after: 'b' }, 'cd'],
  [{ limit: 9, order: 'desc', after: 'b' }, 'a'],
  [{ limit: 9, order: 'asc', before: 'c' }, 'ab'],
  [{ limit: 9, order: 'desc', after: 'd', before: 'a' }, 'cb'],
] as const)('toListPage() with %o gives %s', (page, expected) => {
  expect(
    toListPage(items, page)
      .map(({ id }) => id)
      .join(''),
  ).toBe(expected)
})

test('toListPage() refuses a cursor that is not in the list', () => {
  expect(() => toListPage(items, { limit: 1, order: 'asc', after: 'x' })).toThrow(
    /No item found with id x/,
  )
})
