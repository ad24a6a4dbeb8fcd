import { expect, test } from 'vitest'
import { AppError } from '../errors/app-error.ts'
import { type GivenRange, readRange } from './time-range.ts'

const given = {
  names: ['start_date', 'end_date'],
  /** Wednesday, 4 March 2026, noon. */
  now: Date.UTC(2026, 2, 4, 12),
  timezone: 'Asia/Tokyo',
} as const satisfies GivenRange

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}

function read(start?: string, end?: string): readonly (string | null)[] {
  const { from, until } = readRange({ ...given, start, end })
  return [iso(from), iso(until)]
}

test.each([
  [undefined, undefined, null, null],
  ['', ' ', null, null],
  ['2026-03-03', '2026-03-03', '2026-03-02T15:00:00.000Z', '2026-03-03T14:59:59.999Z'],
  ['2026-03-03T08:00', undefined, '2026-03-02T23:00:00.000Z', null],
  [undefined, '2026-03-03T08:00', null, '2026-03-02T23:00:59.999Z'],
  [undefined, '2026-03-03T08:00:05Z', null, '2026-03-03T08:00:05.999Z'],
  ['last month', 'yesterday', '2026-01-31T15:00:00.000Z', '2026-03-03T14:59:59.999Z'],
])('readRange() reads %j to %j with whole days of the zone', (start, end, from, until) => {
  expect(read(start, end)).toEqual([from, until])
})

test('readRange() refuses an end before the start, and what it cannot read, by name', () => {
  const refusal = (start: string, end: string): string => {
    try {
      return read(start, end).join()
    } catch (error) {
      return error instanceof AppError ? `${error.status}: ${error.message}` : String(error)
    }
  }
  expect(refusal('2026-03-04', '2026-03-03')).toBe(
    '422: Cannot search: start_date "2026-03-04" is after end_date "2026-03-03". Exchange them.',
  )
  expect(refusal('2026-02-30', '')).toMatch(/^422: Cannot read start_date "2026-02-30": /)
  expect(refusal('', 'soonish')).toMatch(/^422: Cannot read end_date "soonish": /)
})
