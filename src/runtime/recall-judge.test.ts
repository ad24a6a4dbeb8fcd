import { expect, test } from 'vitest'
import type { SearchAnswer } from '../domain/search.ts'
import { chooseShown, createJudge, judge } from './recall-judge.ts'

interface Found {
  readonly id: string
  readonly createdAt: number
}

/** What is shown of hits given as score, coverage and time, best first. */
function shownOf(hits: readonly (readonly [string, number, number, number])[]): readonly string[] {
  const answer: SearchAnswer<Found> = {
    hits: hits.map(([id, score, coverage, createdAt]) => {
      return { item: { id, createdAt }, score, coverage, parts: null }
    }),
    reason: null,
    hasMore: false,
    total: hits.length,
    isCut: false,
    explanation: null,
  }
  const judged = judge(answer, createJudge('Where is the boat?', new Map()), {
    kind: 'message',
    toCandidate: ({ id, createdAt }) => ({
      id,
      createdAt,
      speaker: 'user',
      text: 'In Cork, by the old mill.',
    }),
  })
  return chooseShown(judged).map(({ id }) => id)
}

test('what covers nearly as much as the best is shown, and less only if it is newer', () => {
  const shown = shownOf([
    ['first', 1, 0.9, 50],
    ['second', 0.9, 0.8, 40],
    ['third', 0.9, 0.8, 30],
    ['near', 0.45, 0.6, 20],
    ['older', 0.45, 0.45, 10],
    ['newer', 0.45, 0.45, 60],
    ['unlike', 0.45, 0.2, 70],
  ])
  expect(shown).toEqual(['first', 'second', 'third', 'near', 'newer'])
})

test('the first in rank are shown with what matches well, after it, however few of the words they have', () => {
  const shown = shownOf([
    ['first', 1, 0.1, 1],
    ['second', 0.6, 0.2, 1],
    ['third', 0.2, 0.1, 1],
    ['covers', 0.35, 0.9, 1],
  ])
  expect(shown).toEqual(['covers', 'second', 'first'])
})

test('nothing is shown where nothing matches well', () => {
  expect(
    shownOf([
      ['first', 1, 0.3, 1],
      ['newer', 0.9, 0.2, 2],
    ]),
  ).toEqual([])
})
