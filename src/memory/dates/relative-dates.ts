import { once } from '../../util/once.ts'
import {
  dateOf,
  dayWords,
  months,
  monthWords,
  toDay,
  weekdays,
  type DayNumber,
} from './calendar-words.ts'
import { mayTellTime } from './may-tell-time.ts'

/** A stretch of whole days; both ends inclusive. */
export interface DaySpan {
  readonly first: DayNumber
  readonly last: DayNumber
  /** How exactly it is meant. */
  readonly unit: 'day' | 'week' | 'month' | 'year'
}

/** A phrase such as "two weeks ago" with the days it stands for, seen from the day it was said. */
export interface RelativeDate extends DaySpan {
  readonly phrase: string
}

const numbers: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  couple: 2,
  three: 3,
  few: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
}

const count = `(?:\\d{1,3}|${Object.keys(numbers).join('|')})`
const weekdayPattern = weekdays.join('|')
const monthPattern = months.join('|')

const relativePattern = once(
  () =>
    new RegExp(
      [
        `(?<shift>day before yesterday|day after tomorrow|yesterday|tomorrow|last night)`,
        `(?<count>${count})(?: of)? (?<countUnit>day|week|month|year)s? (?<direction>ago|back|from now)`,
        `(?<side>last|next|this|past) (?<unit>week(?:end)?|month|year)`,
        `(?<weekdaySide>last|next|this) (?<weekday>${weekdayPattern})`,
        `(?<monthSide>last|next|this) (?<month>${monthPattern})`,
      ]
        .map((pattern) => `\\b${pattern}\\b`)
        .join('|'),
      'gi',
    ),
)

/** The relative dates in an English text that was said on a day, in order. */
export function findRelativeDates(text: string, said: DayNumber): readonly RelativeDate[] {
  if (!mayTellTime(text)) return []
  const found: RelativeDate[] = []
  for (const match of text.matchAll(relativePattern())) {
    const span = toSpan(lowerGroups(match.groups), said)
    if (span !== null) found.push({ ...span, phrase: match[0] })
  }
  return found
}

/** Relative dates in the words of the calendar: a day whole, a week or month by month and year, a year by its number. */
export function resolvedWords(dates: readonly RelativeDate[]): string {
  return [...new Set(dates.map(spanWords))].join(' ')
}

function spanWords({ first, unit }: DaySpan): string {
  if (unit === 'day') return dayWords(first)
  return unit === 'year' ? String(dateOf(first).year) : monthWords(first)
}

type Groups = Readonly<Record<string, string | undefined>>

function lowerGroups(groups: Groups | undefined): Groups {
  return Object.fromEntries(
    Object.entries(groups ?? {}).map(([name, value]) => [name, value?.toLowerCase()]),
  )
}

function toSpan(groups: Groups, said: DayNumber): DaySpan | null {
  const { shift, countUnit, unit, weekday, month } = groups
  if (shift !== undefined) return oneDay(said + shiftOf(shift))
  if (countUnit !== undefined) return counted(groups, said)
  if (unit !== undefined) return sided(groups['side'] ?? '', unit, said)
  if (weekday !== undefined) return weekdayOf(groups['weekdaySide'] ?? '', weekday, said)
  return month === undefined ? null : monthOf(groups['monthSide'] ?? '', month, said)
}

function oneDay(day: DayNumber): DaySpan {
  return { first: day, last: day, unit: 'day' }
}

function shiftOf(shift: string): number {
  if (shift === 'day before yesterday') return -2
  if (shift === 'day after tomorrow') return 2
  return shift === 'tomorrow' ? 1 : -1
}

function counted(groups: Groups, said: DayNumber): DaySpan {
  const text = groups['count'] ?? ''
  const amount = (numbers[text] ?? Number(text)) * (groups['direction'] === 'from now' ? 1 : -1)
  const { year, month, date } = dateOf(said)
  switch (groups['countUnit']) {
    case 'day':
      return oneDay(said + amount)
    case 'week':
      return wholeWeek(said + amount * 7)
    case 'month':
      return wholeMonth(toDay(year, month + amount, Math.min(date, 28)))
    default:
      return wholeYear(year + amount)
  }
}

function sided(side: string, unit: string, said: DayNumber): DaySpan {
  const amount = sideOf(side)
  const { year, month, weekday } = dateOf(said)
  if (unit === 'week') return wholeWeek(said + amount * 7)
  if (unit === 'weekend') {
    const saturday = said - ((weekday + 6) % 7) + 5 + amount * 7
    return { first: saturday, last: saturday + 1, unit: 'week' }
  }
  return unit === 'month' ? wholeMonth(toDay(year, month + amount, 1)) : wholeYear(year + amount)
}

function sideOf(side: string): number {
  if (side === 'this') return 0
  return side === 'next' ? 1 : -1
}

function weekdayOf(side: string, name: string, said: DayNumber): DaySpan {
  const distance = (weekdays.indexOf(name) - dateOf(said).weekday + 7) % 7
  if (side === 'last') return oneDay(said + (distance === 0 ? -7 : distance - 7))
  return oneDay(said + (distance === 0 && side === 'next' ? 7 : distance))
}

function monthOf(side: string, name: string, said: DayNumber): DaySpan {
  const { year, month } = dateOf(said)
  const wanted = months.indexOf(name)
  if (side === 'last') return wholeMonth(toDay(wanted < month ? year : year - 1, wanted, 1))
  if (side === 'next') return wholeMonth(toDay(wanted > month ? year : year + 1, wanted, 1))
  return wholeMonth(toDay(year, wanted, 1))
}

/** From Monday to Sunday. */
function wholeWeek(day: DayNumber): DaySpan {
  const monday = day - ((dateOf(day).weekday + 6) % 7)
  return { first: monday, last: monday + 6, unit: 'week' }
}

/** The month that a day falls in. */
export function wholeMonth(day: DayNumber): DaySpan {
  const { year, month } = dateOf(day)
  return { first: toDay(year, month, 1), last: toDay(year, month + 1, 1) - 1, unit: 'month' }
}

/** A year from its first to its last day. */
export function wholeYear(year: number): DaySpan {
  return { first: toDay(year, 0, 1), last: toDay(year + 1, 0, 1) - 1, unit: 'year' }
}
