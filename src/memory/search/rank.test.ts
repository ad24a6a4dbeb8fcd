import { describe, expect, test } from 'vitest'
import type { Candidates } from '../../storage/contract/search-store.ts'
import { analyse } from '../analysis/analyse.ts'
import { commonWords } from './common-words.ts'
import { rank, termWeights } from './rank.ts'
import { searchConstants } from './search-constants.ts'

interface Item {
  readonly id: string
  readonly createdAt: number
  readonly sequence?: number
}

/** Candidates from texts of plain tokens; statistics over all of them. */
function candidatesOf(
  documents: readonly (Partial<Item> & { readonly text: string })[],
  terms: readonly string[],
): Candidates<Item> {
  const items = documents.map(({ text, ...item }, index) => ({
    item: { id: `id-${index}`, createdAt: 0, ...item },
    tokens: text.split(' '),
  }))
  const frequency = (term: string): number =>
    items.filter(({ tokens }) => tokens.includes(term)).length
  return {
    items,
    statistics: {
      documentCount: items.length,
      tokenCount: items.reduce((sum, { tokens }) => sum + tokens.length, 0),
      documentFrequency: Object.fromEntries(terms.map((term) => [term, frequency(term)])),
    },
  }
}

function idsOf(terms: readonly string[], candidates: Candidates<Item>): readonly string[] {
  return rank(terms, candidates).map(({ item }) => item.id)
}

describe('rank()', () => {
  test('computes BM25 with k1 1.2, b 0.75 and 100 documents in the background over the stored tokens', () => {
    const candidates = candidatesOf([{ text: 'a a b' }, { text: 'b c' }, { text: 'c' }], ['a'])
    const [hit] = rank(['a'], candidates)
    const idf = Math.log(1 + (3 + 100 - 1 + 0.5) / (1 + 0.5))
    expect(hit?.score).toBeCloseTo((idf * 2 * 2.2) / (2 + 1.2 * (0.25 + (0.75 * 3) / 2)), 12)
  })

  test('puts rarer words, more matches and shorter texts first', () => {
    const terms = ['rare', 'common']
    const texts = ['common x', 'rare x', 'rare common', 'common y z w v u', 'none']
    const candidates = candidatesOf(
      texts.map((text) => ({ text })),
      terms,
    )
    expect(idsOf(terms, candidates)).toEqual(['id-2', 'id-1', 'id-0', 'id-3'])
  })

  test('breaks ties by the newer, then the later stored, then the id', () => {
    const candidates = candidatesOf(
      [
        { id: 'd', text: 'a', createdAt: 1 },
        { id: 'c', text: 'a', createdAt: 2, sequence: 1 },
        { id: 'b', text: 'a', createdAt: 2, sequence: 2 },
        { id: 'f', text: 'a', createdAt: 0 },
        { id: 'e', text: 'a', createdAt: 0 },
      ],
      ['a'],
    )
    const expected = ['b', 'c', 'd', 'e', 'f']
    expect(idsOf(['a'], candidates)).toEqual(expected)
    const reversed = { ...candidates, items: candidates.items.toReversed() }
    expect(idsOf(['a'], reversed)).toEqual(expected)
  })

  test('covers the part of the query weight that the text holds', () => {
    const terms = ['a', 'b', 'nowhere']
    const candidates = candidatesOf([{ text: 'a b' }, { text: 'a' }], terms)
    const weights = termWeights(terms, candidates.statistics)
    const total = terms.reduce((sum, term) => sum + (weights.get(term) ?? 0), 0)
    const [both, one] = rank(terms, candidates)
    expect(both?.coverage).toBeCloseTo(1 - (weights.get('nowhere') ?? 0) / total, 12)
    expect(one?.coverage).toBeCloseTo((weights.get('a') ?? 0) / total, 12)
    expect(rank(['a'], candidates)[0]?.coverage).toBe(1)
  })

  test('keeps a word that occurs nowhere from outweighing all others in a small memory', () => {
    const terms = ['harbor', 'opens', 'nowhere']
    const [hit] = rank(terms, candidatesOf([{ text: 'harbor opens' }], terms))
    expect(hit?.coverage).toBeGreaterThan(0.5)
  })

  test('gives a word that occurs nowhere the greatest weight', () => {
    const terms = ['everywhere', 'once', 'constructor']
    const { statistics } = candidatesOf(
      [{ text: 'everywhere once' }, { text: 'everywhere' }],
      terms,
    )
    const weights = termWeights(terms, {
      ...statistics,
      documentFrequency: { everywhere: 2, once: 1 },
    })
    expect([...weights.values()]).toEqual([...weights.values()].toSorted((a, b) => a - b))
    expect(Math.min(...weights.values())).toBeGreaterThan(0)
  })

  test('gives a common word less weight than another one of the same rarity', () => {
    const terms = ['name', 'dragon']
    const { statistics } = candidatesOf([{ text: 'name dragon' }, { text: 'x' }], terms)
    const weights = termWeights(terms, statistics)
    expect(weights.get('name')).toBe(
      (weights.get('dragon') ?? 0) * searchConstants.commonWordWeight,
    )
  })

  test('lists common words as the tokens that texts are indexed with', () => {
    const text =
      'Tell me again: do you remember names of anything already changed, favourite places, the early times?'
    expect(analyse(text).filter((token) => !commonWords.has(token))).toEqual([])
  })

  test('drops candidates that hold no term and survives empty statistics', () => {
    expect(idsOf(['z'], candidatesOf([{ text: 'a' }], ['z']))).toEqual([])
    const statistics = { documentCount: 0, tokenCount: 0, documentFrequency: {} }
    const items = [{ item: { id: 'x', createdAt: 0 }, tokens: ['a'] }]
    expect(rank(['a'], { items, statistics })[0]).toMatchObject({ coverage: 1 })
  })
})
