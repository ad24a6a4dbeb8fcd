import type { SpokenRange } from '../../domain/search.ts'
import { once } from '../../util/once.ts'
import {
  dayWords,
  months,
  startOfDay,
  toDay,
  weekdays,
  dateOf,
  type DayNumber,
} from './calendar-words.ts'
import { mayTellTime } from './may-tell-time.ts'
import { findRelativeDates, wholeMonth, wholeYear, type DaySpan } from './relative-dates.ts'

const monthNames = months.map((month) => `${month}|${month.slice(0, 3)}`).join('|')
const datePattern = once(
  () =>
    new RegExp(
      [
        `(?<isoYear>\\d{4})-(?<isoMonth>\\d\\d)(?:-(?<isoDay>\\d\\d))?`,
        `(?<day>\\d{1,2})(?:st|nd|rd|th)?(?: of)? (?<month>${monthNames})\\.?(?:,? (?<year>\\d{4}))?`,
        `(?<month2>${monthNames})\\.? (?<day2>\\d{1,2})(?:st|nd|rd|th)?(?:,? (?<year2>\\d{4}))?(?!\\d)`,
        `(?<month3>${monthNames})\\.?,? (?<year3>\\d{4})`,
        `(?:in|of|during|since|until|before|after) (?<month4>${months.join('|')})(?!\\.?,? \\d)`,
        `(?:in|of|during|since|until|before|after) (?<year5>(?:19|20)\\d\\d)`,
        `on (?<weekday>${weekdays.join('|')})`,
        `(?<today>today)`,
      ]
        .map((pattern) => `\\b${pattern}\\b`)
        .join('|'),
      'gi',
    ),
)

/**
 * The times that an English query speaks of, read by rules: dates ("8 May 2023", "May 2023", "in 2023", "2023-05-08"),
 * days seen from today ("yesterday", "two weeks ago", "on Monday"), with "since", "after", "until" and "before" as open
 * ends. A date without a year is the last one that was. Empty when it speaks of none.
 */
export function findQueryRanges(
  query: string,
  seen: { readonly today: DayNumber; readonly timezone: string },
): readonly SpokenRange[] {
  if (!mayTellTime(query)) return []
  const relative = findRelativeDates(query, seen.today)
  const absolute = [...query.matchAll(datePattern())].flatMap((match) => {
    const span = toSpan(match.groups ?? {}, seen.today)
    return span === null ? [] : [{ ...span, phrase: match[0] }]
  })
  return [...relative, ...absolute].map((span) => toRange(query, span, seen.timezone))
}

function toRange(
  query: string,
  span: DaySpan & { readonly phrase: string },
  timezone: string,
): SpokenRange {
  const from = startOfDay(span.first, timezone)
  const until = startOfDay(span.last + 1, timezone) - 1
  const start = query.indexOf(span.phrase)
  const lead = /\b(since|after|until|before|till)\s*$/i.exec(query.slice(0, start))?.[1]
  const inner = /^(since|after|until|before|till)\b/i.exec(span.phrase)?.[1]
  switch ((lead ?? inner)?.toLowerCase()) {
    case 'since':
      return { from, until: null, phrase: span.phrase }
    case 'after':
      return { from: until + 1, until: null, phrase: span.phrase }
    case 'until':
    case 'till':
      return { from: null, until, phrase: span.phrase }
    case 'before':
      return { from: null, until: from - 1, phrase: span.phrase }
    default:
      return { from, until, phrase: span.phrase }
  }
}

type Groups = Readonly<Record<string, string | undefined>>

function toSpan(groups: Groups, today: DayNumber): DaySpan | null {
  const { isoYear, weekday, year5 } = groups
  if (groups['today'] !== undefined) return { first: today, last: today, unit: 'day' }
  if (isoYear !== undefined) return fromNumbers(groups)
  if (weekday !== undefined) {
    const back = (dateOf(today).weekday - weekdays.indexOf(weekday.toLowerCase()) + 7) % 7
    return { first: today - back, last: today - back, unit: 'day' }
  }
  if (year5 !== undefined) return wholeYear(Number(year5))
  const month = monthOf(groups['month'] ?? groups['month2'] ?? groups['month3'] ?? groups['month4'])
  const date = Number(groups['day'] ?? groups['day2'] ?? 0)
  const given = groups['year'] ?? groups['year2'] ?? groups['year3']
  const year = given === undefined ? lastYearOf(month, date, today) : Number(given)
  if (date === 0) return wholeMonth(toDay(year, month, 1))
  const day = toDay(year, month, date)
  return dateOf(day).month === month ? { first: day, last: day, unit: 'day' } : null
}

function fromNumbers({ isoYear, isoMonth, isoDay }: Groups): DaySpan | null {
  const month = Number(isoMonth) - 1
  if (month < 0 || month > 11) return null
  if (isoDay === undefined) return wholeMonth(toDay(Number(isoYear), month, 1))
  const day = toDay(Number(isoYear), month, Number(isoDay))
  return dayWords(day).includes(` ${Number(isoDay)} `)
    ? { first: day, last: day, unit: 'day' }
    : null
}

function monthOf(name: string | undefined): number {
  const start = (name ?? '').toLowerCase().slice(0, 3)
  return months.findIndex((month) => month.startsWith(start))
}

function lastYearOf(month: number, date: number, today: DayNumber): number {
  const { year } = dateOf(today)
  return toDay(year, month, Math.max(1, date)) > today ? year - 1 : year
}
