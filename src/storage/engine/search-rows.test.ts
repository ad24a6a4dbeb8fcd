import { expect, test } from 'vitest'
import {
  chooseTerms,
  fromTokenText,
  toPlaces,
  toDocuments,
  toPlaceRanges,
  toTokenText,
} from './search-rows.ts'

test('toTokenText() keeps tokens that need an escape, or look like one', () => {
  const tokens = ['a', 'a_a', '_', '5f', '日本', 'é', "o'b", 'x y', '__', 'tab\tbed']
  expect(fromTokenText(toTokenText(tokens))).toEqual(tokens)
  expect(toTokenText(tokens).split(' ')).toHaveLength(tokens.length)
  expect(fromTokenText('')).toEqual([])
})

test('toDocuments() reads rows and puts the oldest first, ties by id', () => {
  const row = (id: string, at: number, place: number | null): (number | string | null)[] => {
    const entry = ['a b', 2, 'ada', '8 may 2023', 9, 0, 1]
    return [1, id === 'b' ? 0 : 1, id, at, 'user', ...entry, 'thread', place, null, 40]
  }
  const rows = [row('b', 2, 3), row('a', 2, null), row('c', 1, 4)]
  const documents = toDocuments(rows)
  expect(documents.map(({ id, isEligible }) => [id, isEligible])).toEqual([
    ['c', true],
    ['a', true],
    ['b', false],
  ])
  expect(documents[0]).toEqual({
    id: 'c',
    createdAt: 1,
    sequence: 1,
    role: 'user',
    tokens: 'a b',
    length: 2,
    speaker: 'ada',
    dates: '8 may 2023',
    dateLength: 3,
    wordCount: 9,
    isQuestion: false,
    isTemporal: true,
    listenerShare: 40,
    thread: 'thread',
    place: 4,
    session: null,
    isEligible: true,
  })
  expect(toPlaces(rows, 12)).toEqual([
    { thread: 'thread', place: 3 },
    { thread: 'thread', place: 4 },
  ])
})

test('toPlaceRanges() joins stretches that touch', () => {
  const at = (place: number, thread = 't'): { thread: string; place: number } => ({ thread, place })
  expect(toPlaceRanges([at(9), at(3), at(1), at(5, 'u')], 1)).toEqual([
    { thread: 't', first: 0, last: 4 },
    { thread: 't', first: 8, last: 10 },
    { thread: 'u', first: 4, last: 6 },
  ])
  expect(toPlaceRanges([at(9)], 0)).toEqual([{ thread: 't', first: 9, last: 9 }])
})

test('chooseTerms() takes the rarest while the index has few texts for all of them', () => {
  const documentFrequency = { common: 90_000, rare: 10, middling: 4000, other: 2000, absent: 0 }
  const statistics = { documentCount: 100_000, tokenCount: 1, documentFrequency }
  expect(chooseTerms(Object.keys(documentFrequency), statistics)).toEqual(['rare', 'other'])
  expect(chooseTerms(['common', 'absent', 'common'], statistics)).toEqual(['common'])
})
