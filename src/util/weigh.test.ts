import { expect, test } from 'vitest'
import { weigh } from './weigh.ts'

test('weigh() counts the characters of texts wherever they are, two bytes for each', () => {
  const text = 'x'.repeat(1000)
  for (const value of [text, [text], { a: text }, { a: [{ b: text }] }, { a: null, b: text }]) {
    expect(weigh(value)).toBeGreaterThanOrEqual(2000)
    expect(weigh(value)).toBeLessThan(2300)
  }
  expect(weigh([text, { text }])).toBeGreaterThanOrEqual(4000)
})

test('weigh() counts what lists and objects take without any text', () => {
  expect(weigh(null)).toBeGreaterThan(0)
  expect(weigh(Array.from({ length: 1000 }, () => 1))).toBeGreaterThanOrEqual(8000)
  expect(weigh(Array.from({ length: 1000 }, () => ({ a: 1, b: 2 })))).toBeGreaterThanOrEqual(40_000)
})
