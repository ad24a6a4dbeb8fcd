import { expect, test } from 'vitest'
import { chooseCandidates } from './choose-candidates.ts'
import type { TermHits } from './marked-places.ts'

function hit(term: number, places: readonly number[], given: Partial<TermHits> = {}): TermHits {
  return { term, thread: 't', places, numbers: places, isEligible: true, ...given }
}

function placesOf(hits: readonly TermHits[], weights: readonly number[], limit = 9): number[] {
  return chooseCandidates(hits, { weights, limit }).map(({ place }) => place)
}

test('texts with the weightier terms are chosen, the newest first among equals', () => {
  expect(placesOf([hit(0, [10, 50]), hit(1, [20, 50, 90])], [2, 1])).toEqual([50, 10, 90, 20])
  expect(placesOf([hit(0, [10, 50]), hit(1, [20, 50, 90])], [2, 1], 2)).toEqual([50, 10])
  expect(placesOf([], [])).toEqual([])
})

test('what stands around a text counts for it, more the nearer it is and more when it was said before', () => {
  const [before, alone, after, far] = [10, 20, 30, 40]
  const near = hit(1, [before - 1, after + 1, far - 3], { isEligible: false })
  expect(placesOf([hit(0, [before, alone, after, far]), near], [1, 1])).toEqual([10, 30, 40, 20])
  const twoAfter = hit(1, [32, 9], { isEligible: false })
  expect(placesOf([hit(0, [10, 20, 30]), twoAfter], [1, 1])).toEqual([10, 30, 20])
})

test('texts that may not be chosen and other threads are no candidates', () => {
  const hidden = hit(0, [5], { isEligible: false })
  const other = hit(0, [6], { thread: 'u', numbers: [7] })
  const chosen = chooseCandidates([hidden, other, hit(1, [4])], { weights: [1, 1], limit: 9 })
  expect(chosen.map(({ thread, place, number }) => [thread, place, number])).toEqual([
    ['t', 4, 4],
    ['u', 6, 7],
  ])
})

test('a text with any of many terms is a candidate', () => {
  const hits = Array.from({ length: 70 }, (_, term) => hit(term, [term * 10]))
  const weights = hits.map((_, index) => 100 - index)
  expect(placesOf(hits, weights, 70)).toHaveLength(70)
  expect(placesOf(hits, weights, 2)).toEqual([0, 10])
})

test.each([1, 7, 1000, 1024, 65_536, 1_000_003])(
  'texts that stand %i places apart are told apart',
  (stride) => {
    const places = Array.from({ length: 300 }, (_, index) => index * stride)
    const both = places.filter((_, index) => index % 7 === 0)
    const chosen = placesOf([hit(0, places), hit(1, both)], [1, 1], 5)
    expect(chosen).toEqual([294, 287, 280, 273, 266].map((index) => index * stride))
    expect(new Set(placesOf([hit(0, places), hit(1, both)], [1, 1], 400)).size).toBe(300)
  },
)

test('what stands in another thread is not around a text, wherever its places begin', () => {
  const threads = [0, 1, 2, 5].map((first, index) =>
    hit(0, [first], { thread: `t${index}`, numbers: [index] }),
  )
  const context = hit(1, [3, 4], { thread: 'u', isEligible: false })
  const chosen = chooseCandidates([...threads, context], { weights: [1, 9], limit: 9 })
  expect(chosen.map(({ thread }) => thread)).toEqual(['t3', 't2', 't1', 't0'])
})
