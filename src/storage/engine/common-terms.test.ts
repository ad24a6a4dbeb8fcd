import { expect, test } from 'vitest'
import { CommonTerms } from './common-terms.ts'

test('terms are known to be common in the state of their scope that they were seen in', () => {
  const terms = new CommonTerms()
  expect(terms.known('scope', ['a'])).toEqual({ removed: -1, keys: [] })
  terms.learn('scope', { removed: 3, keys: ['a'] })
  terms.learn('scope', { removed: 3, keys: ['b'] })
  expect(terms.known('scope', ['b', 'c', 'a'])).toEqual({ removed: 3, keys: ['b', 'a'] })
  expect(terms.known('other', ['a'])).toEqual({ removed: -1, keys: [] })
})

test('a removal makes all of a scope unknown', () => {
  const terms = new CommonTerms()
  terms.learn('scope', { removed: 3, keys: ['a', 'b'] })
  terms.learn('scope', { removed: 4, keys: ['b'] })
  expect(terms.known('scope', ['a', 'b'])).toEqual({ removed: 4, keys: ['b'] })
  expect(terms.size).toBe(1)
})

test('as many terms are remembered as was said, however many scopes are searched', () => {
  const terms = new CommonTerms(10)
  for (let scope = 0; scope < 1000; scope += 1) {
    terms.learn(`scope ${scope}`, { removed: 0, keys: ['a', 'b', `c ${scope}`] })
    expect(terms.size).toBeLessThanOrEqual(10)
  }
  expect(terms.known('scope 999', ['a'])).toEqual({ removed: 0, keys: ['a'] })
  expect(terms.known('scope 0', ['a']).keys).toEqual([])
  terms.learn('scope 999', { removed: 0, keys: Array.from({ length: 11 }, (_, key) => `${key}`) })
  expect(terms.size).toBeLessThanOrEqual(10)
})
