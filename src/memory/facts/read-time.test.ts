import { describe, expect, test } from 'vitest'
import { readEnd, readMoment, readStart } from './read-time.ts'

/** Monday, 5 June 2023, noon. */
const now = Date.UTC(2023, 5, 5, 12)

function iso(time: number): string {
  return new Date(time).toISOString().slice(0, 16)
}

describe('times of facts', () => {
  test.each([
    ['2023-05-08', '2023-05-08T00:00', '2023-05-09T00:00'],
    ['2023-05-08T10:30', '2023-05-08T10:30', '2023-05-08T10:31'],
    ['May 2022', '2022-05-01T00:00', '2022-06-01T00:00'],
    ['2021', '2021-01-01T00:00', '2022-01-01T00:00'],
    ['March', '2023-03-01T00:00', '2023-04-01T00:00'],
    ['last month', '2023-05-01T00:00', '2023-06-01T00:00'],
    ['two weeks ago', '2023-05-22T00:00', '2023-05-29T00:00'],
    ['since yesterday', '2023-06-04T00:00', '2023-06-04T00:00'],
    ['Friday', '2023-06-02T00:00', '2023-06-03T00:00'],
    ['now', '2023-06-05T12:00', '2023-06-05T12:00'],
  ])('%s begins at %s and is over at %s', (text, start, end) => {
    const spoken = { text, name: 'since', now, timezone: 'UTC' }
    expect([iso(readStart(spoken)), iso(readEnd(spoken))]).toEqual([start, end])
  })

  test('a moment to look at is the end of what is named, but not after now', () => {
    const at = (text: string): string =>
      iso(readMoment({ text, name: 'as_of', now, timezone: 'UTC' }))
    expect(at('May 2023')).toBe('2023-05-31T23:59')
    expect(at('2023')).toBe(iso(now))
    expect(at('2024-01-01')).toBe('2024-01-01T23:59')
  })

  test('what the rules do not know is refused with examples', () => {
    expect(() => readStart({ text: 'soonish', name: 'since', now, timezone: 'UTC' })).toThrow(
      /^Cannot read since "soonish": .* Write it like 2026-03-31/,
    )
  })
})
