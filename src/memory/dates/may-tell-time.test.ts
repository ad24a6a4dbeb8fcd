import { expect, it } from 'vitest'
import { months, weekdays } from './calendar-words.ts'
import { isTemporal } from './is-temporal.ts'
import { mayTellTime } from './may-tell-time.ts'
import { findQueryRanges } from './query-ranges.ts'
import { findRelativeDates } from './relative-dates.ts'

const stretches =
  'night morning evening afternoon day week weekend month year summer winter spring fall autumn'
const single =
  'yesterday today tonight tomorrow ago recently lately christmas easter halloween thanksgiving since'
const monthNames = months.filter((month) => month !== 'may' && month !== 'march')

it('mayTellTime() holds for whatever tells a time', () => {
  const others = 'next few,new year,in May,march 3,in 1999,5 pm,several weeks'
  const phrases = [
    ...single.split(' '),
    ...stretches.split(' ').map((stretch) => `last ${stretch}`),
    ...weekdays,
    ...monthNames,
    ...others.split(','),
  ]
  expect(phrases.filter((phrase) => !isTemporal(`It was ${phrase}.`))).toEqual([])
})

it('mayTellTime() holds for whatever is read as a date', () => {
  const seen = { today: 20_000, timezone: 'UTC' }
  const dates = [
    '2023-05',
    'in 2023',
    'today',
    ...months.flatMap((month) => [`in ${month}`, `${month.slice(0, 3)} 2023`, `3 ${month}`]),
    ...weekdays.map((day) => `on ${day}`),
  ]
  expect(dates.filter((date) => findQueryRanges(date, seen).length === 0)).toEqual([])
  const relative = [
    'day before yesterday',
    'tomorrow',
    'last night',
    'two weeks ago',
    'a month from now',
    'last weekend',
    'past year',
    ...weekdays.map((name) => `next ${name}`),
    ...months.map((name) => `next ${name}`),
  ]
  expect(relative.filter((date) => findRelativeDates(date, 20_000).length === 0)).toEqual([])
})

it('mayTellTime() is false for what most people say', () => {
  const said = ['Hello there.', 'My favorite colour is a dark green.', 'Call me Anna, please!']
  expect(said.filter(mayTellTime)).toEqual([])
})
