import { describe, expect, test } from 'vitest'
import { analyse } from '../analysis/analyse.ts'
import { commonWords } from './common-words.ts'
import { documentFrequency, termWeight } from './coverage.ts'
import { searchConstants } from './search-constants.ts'

describe('termWeight()', () => {
  test('gives a word that occurs nowhere the greatest weight', () => {
    const weights = [2, 1, 0].map((holders) => termWeight('word', holders, 3))
    expect(weights).toEqual(weights.toSorted((a, b) => a - b))
    expect(Math.min(...weights)).toBeGreaterThan(0)
  })

  test('keeps a word that occurs nowhere from outweighing all others in a small memory', () => {
    const held = 2 * termWeight('harbor', 1, 3)
    expect(held / (held + termWeight('nowhere', 0, 3))).toBeGreaterThan(0.5)
  })

  test('gives a common word less weight than another one of the same rarity', () => {
    const { commonWordWeight } = searchConstants
    expect(termWeight('name', 1, 3)).toBe(termWeight('dragon', 1, 3) * commonWordWeight)
  })

  test('lists common words as the tokens that texts are indexed with', () => {
    const text =
      'Tell me again: do you remember names of anything already changed, favourite places, the early times?'
    expect(analyse(text).filter((token) => !commonWords.has(token))).toEqual([])
  })
})

test('documentFrequency() takes any word for a word', () => {
  const statistics = { documentCount: 3, tokenCount: 9, documentFrequency: { a: 1 } }
  expect(['a', 'constructor'].map((term) => documentFrequency(statistics, term))).toEqual([1, 0])
})
