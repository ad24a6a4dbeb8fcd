import { expect, it } from 'vitest'
import { learnFactor } from './token-factor.ts'

it.each<[string, known: number | null, estimated: number, reported: number, next: number | null]>([
  ['begins with what is told first', null, 1000, 900, 900],
  ['goes up at once', 900, 1000, 1300, 1300],
  ['goes down by a tenth of the way', 1300, 1000, 1000, 1270],
  ['is as high as what is believed', null, 1000, 2400, 2400],
  ['is kept within its bounds below', null, 1000, 520, 700],
  ['learns nothing from no report', 1100, 1000, 0, null],
  ['learns nothing from a count far too low', 1100, 1000, 100, null],
  ['learns nothing from a count far too high', 1100, 1000, 1_000_000, null],
  ['learns nothing from a negative count', 1100, 1000, -900, null],
  ['learns nothing from what is no number', 1100, 1000, Number.NaN, null],
  ['learns nothing from a short request', 1100, 499, 600, null],
])('a factor %s', (_, known, estimated, reported, next) => {
  expect(learnFactor(known, { estimated, reported })).toBe(next)
})
