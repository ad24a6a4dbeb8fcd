import { zoneOffset } from '../zoned-time.ts'

/** English names of weekdays, from Sunday. */
export const weekdays: readonly string[] = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
]

/** English names of months, from January. */
export const months: readonly string[] = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]

/** A day of a zone's calendar; counted like the days of `Date`, from 1 January 1970. */
export type DayNumber = number

const millisecondsPerDay = 86_400_000

/** The day of the calendar that a moment falls on in a zone. */
export function dayOf(time: number, timezone: string): DayNumber {
  return Math.floor((time + zoneOffset(time, timezone)) / millisecondsPerDay)
}

/** The first moment of a day in a zone, in epoch milliseconds. */
export function startOfDay(day: DayNumber, timezone: string): number {
  const wall = day * millisecondsPerDay
  return wall - zoneOffset(wall - zoneOffset(wall, timezone), timezone)
}

/** The date of a day. `month` counts from 0. */
export function dateOf(day: DayNumber): {
  readonly year: number
  readonly month: number
  readonly date: number
  readonly weekday: number
} {
  const date = new Date(day * millisecondsPerDay)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    date: date.getUTCDate(),
    weekday: date.getUTCDay(),
  }
}

/** The day of a date; months and dates outside their range carry over, as with `Date.UTC`. */
export function toDay(year: number, month: number, date: number): DayNumber {
  return Math.floor(Date.UTC(year, month, date) / millisecondsPerDay)
}

/** A day in words: `monday 8 may 2023`. */
export function dayWords(day: DayNumber): string {
  const { year, month, date, weekday } = dateOf(day)
  return `${weekdays[weekday] ?? ''} ${date} ${months[month] ?? ''} ${year}`
}

/** A month in words: `may 2023`. */
export function monthWords(day: DayNumber): string {
  const { year, month } = dateOf(day)
  return `${months[month] ?? ''} ${year}`
}
