import { expect, test } from 'vitest'
import { encodeMessageDate, encodeTime, timeSchema } from './time.ts'

test('encodeTime() and encodeMessageDate() write times as the wire has them', () => {
  const time = Date.UTC(2025, 0, 2, 3, 4, 5, 678)
  expect(encodeTime(time)).toBe('2025-01-02T03:04:05.678Z')
  expect(encodeTime(null)).toBeNull()
  expect(encodeMessageDate(time)).toBe('2025-01-02T03:04:05+00:00')
})

test.each([
  ['2025-01-02', '2025-01-02T00:00:00.000Z'],
  ['2025-01-02T03:04:05', '2025-01-02T03:04:05.000Z'],
  ['2025-01-02T03:04:05.678901', '2025-01-02T03:04:05.678Z'],
  ['2025-01-02T03:04:05Z', '2025-01-02T03:04:05.000Z'],
  ['2025-01-02T03:04:05+02:00', '2025-01-02T01:04:05.000Z'],
])('timeSchema reads %s as %s', (text, expected) => {
  expect(new Date(timeSchema.parse(text)).toISOString()).toBe(expected)
})

test.each(['', 'soon', '2025-02-30', '2025-13-01T00:00:00Z', '10:00'])(
  'timeSchema refuses %o',
  (text) => {
    expect(timeSchema.safeParse(text).success).toBe(false)
  },
)
