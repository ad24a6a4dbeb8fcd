import { expect, test } from 'vitest'
import { fromTokenText, toDocuments, toTokenText } from './search-rows.ts'

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
  'a b',
]

test('toDocuments() finds what taking every token apart would find, in its order and as often', () => {
  const random = createRandom()
  const pick = (most: number): string[] =>
    Array.from(
      { length: Math.floor(random() * (most + 1)) },
      () => vocabulary[Math.floor(random() * vocabulary.length)] ?? '',
    )
  for (let round = 0; round < 300; round += 1) {
    const [terms, tokens, dates, speaker] = [pick(6), pick(30), pick(4), pick(2)]
    const columns = [toTokenText(tokens), tokens.length, toTokenText(speaker), toTokenText(dates)]
    const row = [1, 1, 'id', 2, 'user', ...columns, 9, 0, 1, 'thread', 3, null]
    const [document] = toDocuments([row], terms)
    const wanted = new Set(terms)
    expect(document).toMatchObject({
      matches: fromTokenText(toTokenText(tokens)).filter((token) => wanted.has(token)),
      length: tokens.length,
      speaker,
      dateMatches: dates.filter((token) => wanted.has(token)),
      dateLength: dates.length,
      wordCount: 9,
      place: 3,
      session: null,
    })
  }
})

function createRandom(): () => number {
  let state = 7
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
