import { describe, expect, test } from 'vitest'
import type { SearchStatistics } from '../../storage/contract/search-store.ts'
import { analyse } from '../analysis/analyse.ts'
import { commonWords } from './common-words.ts'
import { coverageOf, termWeights } from './coverage.ts'
import { searchConstants } from './search-constants.ts'

function statisticsOf(documentFrequency: Readonly<Record<string, number>>): SearchStatistics {
  return { documentCount: 3, tokenCount: 9, documentFrequency }
}

describe('coverageOf()', () => {
  test('is the part of the query weight that the text and its speaker hold', () => {
    const weights = termWeights(['a', 'ada', 'nowhere'], statisticsOf({ a: 1, ada: 2 }))
    const [a, ada, nowhere] = [...weights.values()].map(Number)
    const total = (a ?? 0) + (ada ?? 0) + (nowhere ?? 0)
    const held = coverageOf({ matches: ['a', 'a'], speaker: ['ada'] }, weights)
    expect(held).toBeCloseTo(1 - (nowhere ?? 0) / total, 12)
    expect(coverageOf({ matches: [], speaker: [] }, weights)).toBe(0)
    expect(coverageOf({ matches: [], speaker: [] }, new Map())).toBe(0)
  })

  test('keeps a word that occurs nowhere from outweighing all others in a small memory', () => {
    const weights = termWeights(['harbor', 'opens', 'no'], statisticsOf({ harbor: 1, opens: 1 }))
    expect(coverageOf({ matches: ['harbor', 'opens'], speaker: [] }, weights)).toBeGreaterThan(0.5)
  })
})

describe('termWeights()', () => {
  test('gives a word that occurs nowhere the greatest weight', () => {
    const terms = ['everywhere', 'once', 'constructor']
    const weights = [...termWeights(terms, statisticsOf({ everywhere: 2, once: 1 })).values()]
    expect(weights).toEqual(weights.toSorted((a, b) => a - b))
    expect(Math.min(...weights)).toBeGreaterThan(0)
  })

  test('gives a common word less weight than another one of the same rarity', () => {
    const weights = termWeights(['name', 'dragon'], statisticsOf({ name: 1, dragon: 1 }))
    expect(weights.get('name')).toBe(
      (weights.get('dragon') ?? 0) * searchConstants.commonWordWeight,
    )
  })

  test('lists common words as the tokens that texts are indexed with', () => {
    const text =
      'Tell me again: do you remember names of anything already changed, favourite places, the early times?'
    expect(analyse(text).filter((token) => !commonWords.has(token))).toEqual([])
  })
})
