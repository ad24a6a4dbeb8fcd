import { describe, expect, test } from 'vitest'
import { formatAgo, formatInZone, parseRangeEnd, type RangeEnd } from './zoned-time.ts'

function parse(text: string, end: RangeEnd, timezone = 'UTC'): string {
  return new Date(parseRangeEnd({ text, name: 'end_date', timezone }, end)).toISOString()
}

describe('parseRangeEnd()', () => {
  test.each<[string, RangeEnd, string, string]>([
    ['2026-03-05', 'start', 'UTC', '2026-03-05T00:00:00.000Z'],
    ['2026-03-05', 'end', 'UTC', '2026-03-05T23:59:59.999Z'],
    ['2026-03-05', 'start', 'Asia/Tokyo', '2026-03-04T15:00:00.000Z'],
    ['2026-12-31', 'end', 'America/New_York', '2027-01-01T04:59:59.999Z'],
    ['2026-03-29', 'start', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
    ['2026-03-29', 'end', 'Europe/Berlin', '2026-03-29T21:59:59.999Z'],
    ['2026-10-25', 'end', 'Europe/Berlin', '2026-10-25T22:59:59.999Z'],
    ['2026-03-29T01:30', 'start', 'Europe/Berlin', '2026-03-29T00:30:00.000Z'],
    ['2026-03-29T02:30', 'start', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    ['2026-03-05T14:30', 'start', 'Asia/Kolkata', '2026-03-05T09:00:00.000Z'],
    ['2026-03-05 14:30:15', 'start', 'UTC', '2026-03-05T14:30:15.000Z'],
    ['2026-03-05T14:30', 'end', 'UTC', '2026-03-05T14:30:59.999Z'],
    ['2026-03-05T14:30:15', 'end', 'UTC', '2026-03-05T14:30:15.999Z'],
    ['2026-03-05T14:30:15.250', 'end', 'UTC', '2026-03-05T14:30:15.250Z'],
    ['2026-03-05T00:00:00', 'end', 'UTC', '2026-03-05T00:00:00.999Z'],
    ['2026-03-05T14:30:00Z', 'start', 'Asia/Tokyo', '2026-03-05T14:30:00.000Z'],
    ['2026-03-05T14:30:00+05:30', 'start', 'UTC', '2026-03-05T09:00:00.000Z'],
    ['2026-03-05T14:30:00-0800', 'start', 'UTC', '2026-03-05T22:30:00.000Z'],
    [' 2028-02-29 ', 'start', 'UTC', '2028-02-29T00:00:00.000Z'],
  ])('reads %s as the %s of a range in %s', (text, end, timezone, expected) => {
    expect(parse(text, end, timezone)).toBe(expected)
  })

  test.each([
    'yesterday',
    '',
    '2026-02-30',
    '2026-13-01',
    '2026-03-05T25:00',
    '05/03/2026',
    '2026-3-5',
    '0026-03-05',
  ])('refuses %j, naming the argument and the form to use', (text) => {
    expect(() => parse(text, 'start')).toThrow(/^Cannot read end_date .*2026-03-31T14:30\.$/)
  })

  test('refuses a zone that does not exist', () => {
    expect(() => parse('2026-03-05', 'start', 'Moon/Crater')).toThrow(/not an IANA time zone/)
  })
})

describe('formatInZone()', () => {
  test.each([
    ['UTC', '2026-07-01T12:00:00+00:00'],
    ['Europe/Berlin', '2026-07-01T14:00:00+02:00'],
    ['America/St_Johns', '2026-07-01T09:30:00-02:30'],
    ['Asia/Kathmandu', '2026-07-01T17:45:00+05:45'],
  ])('shows the wall clock and offset of %s', (timezone, expected) => {
    expect(formatInZone(Date.UTC(2026, 6, 1, 12, 0, 0, 750), timezone)).toBe(expected)
  })
})

describe('formatAgo()', () => {
  test.each([
    [-5, '0s ago'],
    [59.9, '59s ago'],
    [60, '1m ago'],
    [3599, '59m ago'],
    [3600, '1h ago'],
    [86_399, '23h ago'],
    [86_400 * 40, '40d ago'],
  ])('shows %d seconds as %s', (seconds, expected) => {
    expect(formatAgo(1_000_000_000, 1_000_000_000 + seconds * 1000)).toBe(expected)
  })
})
