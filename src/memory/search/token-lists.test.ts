import { describe, expect, test } from 'vitest'
import { toTokenText } from '../../storage/engine/search-rows.ts'
import { countOf, textOf, TokenLists } from './token-lists.ts'

/** Tokens that hold one another, need an escape, or look like one. */
const vocabulary = [
  'a',
  'aa',
  'a_a',
  'b',
  'ab',
  '_',
  '5f',
  '日',
  '日本',
  'é',
  "o'b",
  'x y',
  '__',
  'zinzulation',
  'a_rather_long_token',
  '日'.repeat(9),
]

function createRandom(): (below: number) => number {
  let state = 7
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function countsOf(lists: TokenLists, term: string): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const posting of lists.postings(term)) {
    counts.set(textOf(posting), (counts.get(textOf(posting)) ?? 0) + countOf(posting))
  }
  return counts
}

describe('postings()', () => {
  test('counts what taking every text apart would count, before and after all are listed', () => {
    const random = createRandom()
    const lists = new TokenLists()
    const texts: string[][] = []
    const expectAll = (): void => {
      for (const term of vocabulary) {
        const expected = texts.flatMap((tokens, number) => {
          const count = tokens.filter((token) => token === term).length
          return count === 0 ? [] : [[number, count] as const]
        })
        expect([term, countsOf(lists, term)]).toEqual([term, new Map(expected)])
      }
    }
    for (let round = 0; round < 6; round += 1) {
      for (let count = 0; count < 20; count += 1) {
        const pick = (): string => vocabulary[random(vocabulary.length)] ?? ''
        const tokens = Array.from({ length: random(9) }, pick)
        lists.add(toTokenText(tokens), texts.length)
        texts.push(tokens)
      }
      expectAll()
    }
  })

  test('counts a token that a text holds very often', () => {
    const lists = new TokenLists()
    lists.add('x', 0)
    lists.add(Array.from({ length: 700 }, () => 'y').join(' '), 1)
    expect(countsOf(lists, 'y')).toEqual(new Map([[1, 700]]))
    expect(lists.postings('')).toEqual([])
    for (let count = 0; count < 50; count += 1) lists.postings(`other${count}`)
    expect(countsOf(lists, 'y')).toEqual(new Map([[1, 700]]))
    lists.add('y', 2)
    expect(countsOf(lists, 'y').get(2)).toBe(1)
  })
})

describe('bytes', () => {
  test('grows with each text and with what searching adds to it', () => {
    const lists = new TokenLists()
    const sizes = [lists.bytes]
    for (const [number, text] of ['one two', 'three four', 'five'].entries()) {
      lists.add(text, number)
      sizes.push(lists.bytes)
    }
    for (const term of ['two', 'four']) {
      lists.postings(term)
      sizes.push(lists.bytes)
    }
    expect(sizes).toEqual([...new Set(sizes)].toSorted((left, right) => left - right))
    expect(sizes[0]).toBe(0)
  })

  test('counts each text once, also when texts were looked through', () => {
    const lists = new TokenLists()
    const texts = Array.from({ length: 50 }, (_, number) => `word${number} `.repeat(20).trim())
    for (const [number, text] of texts.entries()) lists.add(text, number)
    const characters = texts.join(' ').length
    expect(lists.bytes).toBeGreaterThan(characters)
    lists.postings('absent')
    expect(lists.bytes).toBeLessThan(1.2 * characters)
  })

  test('is what the lists of all tokens take once they are listed', () => {
    const lists = new TokenLists()
    lists.add('one two two', 0)
    for (let term = 0; term < 100; term += 1) lists.postings(`absent ${term}`)
    const listed = lists.bytes
    lists.add('one', 1)
    const known = lists.bytes
    lists.add('three', 2)
    expect(known).toBeGreaterThan(listed)
    expect(lists.bytes - known).toBeGreaterThan(known - listed)
  })
})
