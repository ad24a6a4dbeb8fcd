import { describe, expect, test } from 'vitest'
import { dayOf } from './calendar-words.ts'
import { findQueryRanges } from './query-ranges.ts'

/** Monday, 5 June 2023. */
const today = dayOf(Date.UTC(2023, 5, 5, 12), 'UTC')

function rangesOf(query: string, timezone = 'UTC'): readonly string[] {
  return findQueryRanges(query, { today, timezone }).map(({ from, until }) => {
    const text = (time: number | null): string =>
      time === null ? '' : new Date(time).toISOString().slice(0, 16)
    return `${text(from)}/${text(until)}`
  })
}

describe('findQueryRanges()', () => {
  test.each([
    ['what about the kiln', []],
    ['yesterday', ['2023-06-04T00:00/2023-06-04T23:59']],
    ['two weeks ago', ['2023-05-22T00:00/2023-05-28T23:59']],
    ['last month', ['2023-05-01T00:00/2023-05-31T23:59']],
    ['last friday', ['2023-06-02T00:00/2023-06-02T23:59']],
    ['last weekend', ['2023-06-03T00:00/2023-06-04T23:59']],
    ['today', ['2023-06-05T00:00/2023-06-05T23:59']],
    ['on Sunday', ['2023-06-04T00:00/2023-06-04T23:59']],
    ['8 May 2022', ['2022-05-08T00:00/2022-05-08T23:59']],
    ['May 8th, 2022', ['2022-05-08T00:00/2022-05-08T23:59']],
    ['on 7 July', ['2022-07-07T00:00/2022-07-07T23:59']],
    ['in March', ['2023-03-01T00:00/2023-03-31T23:59']],
    ['Sept 2021', []],
    ['September 2021', ['2021-09-01T00:00/2021-09-30T23:59']],
    ['in 2022', ['2022-01-01T00:00/2022-12-31T23:59']],
    ['2023-02-28', ['2023-02-28T00:00/2023-02-28T23:59']],
    ['2023-02-31', []],
    ['31 February', []],
    ['since yesterday', ['2023-06-04T00:00/']],
    ['after 8 May 2022', ['2022-05-09T00:00/']],
    ['before May 2022', ['/2022-04-30T23:59']],
    ['until March', ['/2023-03-31T23:59']],
    ['you may come in 3 days', []],
    [
      'yesterday or in 2021',
      ['2023-06-04T00:00/2023-06-04T23:59', '2021-01-01T00:00/2021-12-31T23:59'],
    ],
  ])('%s', (query, expected) => {
    expect(rangesOf(query)).toEqual(expected)
  })

  test('takes days in the zone', () => {
    expect(rangesOf('yesterday', 'America/New_York')).toEqual(['2023-06-04T04:00/2023-06-05T03:59'])
  })
})
