import { AppError } from '../errors/app-error.ts'

/** Which end of a range a date stands for. */
export type RangeEnd = 'start' | 'end'

/** A date as a person or model writes it. */
export interface GivenDate {
  readonly text: string
  /** What the date is called in an error, such as `end_date`. */
  readonly name: string
  /** IANA zone that dates without an offset are read in. */
  readonly timezone: string
}

/**
 * Reads one end of a date range as epoch milliseconds, inclusive.
 *
 * Takes `YYYY-MM-DD` (the start: its first millisecond in the zone; the end: its last) and `YYYY-MM-DDTHH:MM[:SS[.fff]]`,
 * with a blank in place of the `T` if need be, and `Z` or an offset at the end; without one it is read in the zone.
 * An end without seconds or fractions covers that whole minute or second.
 *
 * @throws AppError `validation_failed` for anything else, and for dates that do not exist.
 */
export function parseRangeEnd({ text, name, timezone }: GivenDate, end: RangeEnd): number {
  const match = datePattern.exec(text.trim())
  if (match?.groups === undefined) throw unreadable(text, name)
  const fields = readFields(match.groups)
  if (!exists(fields)) throw unreadable(text, name)
  const last = end === 'end'
  if (match.groups['hour'] === undefined) {
    return last
      ? fromZone({ ...fields, day: fields.day + 1 }, timezone) - 1
      : fromZone(fields, timezone)
  }
  const offset = readOffset(match.groups['offset'])
  const time =
    offset === null ? fromZone(fields, timezone) : utcOf(fields) - offset * millisecondsPerMinute
  return last ? time + precisionOf(match.groups) - 1 : time
}

/** A time as ISO 8601 with the offset of the zone, to the second: `2026-11-22T13:00:00+01:00`. */
export function formatInZone(time: number, timezone: string): string {
  const offset = zoneOffset(time, timezone)
  const local = new Date(Math.floor(time / 1000) * 1000 + offset).toISOString().slice(0, 19)
  const minutes = Math.round(Math.abs(offset) / millisecondsPerMinute)
  const sign = offset < 0 ? '-' : '+'
  return `${local}${sign}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`
}

/** How long ago a time was, in its largest unit: `12s ago`, `5m ago`, `3h ago`, `2d ago`. Future times are `0s ago`. */
export function formatAgo(time: number, now: number): string {
  const seconds = Math.max(0, Math.floor((now - time) / 1000))
  if (seconds < 60) return `${seconds}s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ago`
  return `${Math.floor(seconds / 86_400)}d ago`
}

interface DateFields {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly millisecond: number
}

const millisecondsPerMinute = 60_000

const datePattern =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)(?:[T ](?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d{1,9}))?)? ?(?<offset>Z|[+-]\d\d:?\d\d)?)?$/i

function readFields(groups: Readonly<Record<string, string | undefined>>): DateFields {
  const field = (name: string): number => Number(groups[name] ?? 0)
  return {
    year: field('year'),
    month: field('month'),
    day: field('day'),
    hour: field('hour'),
    minute: field('minute'),
    second: field('second'),
    millisecond: Math.floor(Number(`0.${groups['fraction'] ?? '0'}`) * 1000),
  }
}

function exists(fields: DateFields): boolean {
  const { year, month, day, hour, minute, second } = fields
  const date = new Date(Date.UTC(year, month - 1, day))
  const isDay =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isDay && hour < 24 && minute < 60 && second < 60
}

function utcOf(fields: DateFields): number {
  const { year, month, day, hour, minute, second, millisecond } = fields
  return Date.UTC(year, month - 1, day, hour, minute, second, millisecond)
}

/** A wall-clock time of a zone as epoch milliseconds; one that a change of clocks skips is read as the moment after it. */
function fromZone(fields: DateFields, timezone: string): number {
  const wall = utcOf(fields)
  const guess = wall - zoneOffset(wall, timezone)
  return wall - zoneOffset(guess, timezone)
}

function readOffset(text: string | undefined): number | null {
  if (text === undefined) return null
  if (text.toUpperCase() === 'Z') return 0
  const digits = text.replace(':', '')
  const minutes = Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3, 5))
  return digits.startsWith('-') ? -minutes : minutes
}

function precisionOf(groups: Readonly<Record<string, string | undefined>>): number {
  if (groups['fraction'] !== undefined) return 1
  return groups['second'] === undefined ? millisecondsPerMinute : 1000
}

/** What has to be added to UTC to get the wall clock of a zone at a moment, in milliseconds. */
export function zoneOffset(time: number, timezone: string): number {
  if (timezone === 'UTC') return 0
  const name = zoneFormat(timezone)
    .formatToParts(time)
    .find((part) => part.type === 'timeZoneName')?.value
  const match = /^GMT(?:(?<sign>[+-])(?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d))?)?$/.exec(
    name ?? '',
  )
  if (match === null) throw unknownZone(timezone)
  const { sign, hour = 0, minute = 0, second = 0 } = match.groups ?? {}
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second)
  return (sign === '-' ? -seconds : seconds) * 1000
}

function zoneFormat(timezone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' })
  } catch (error) {
    throw unknownZone(timezone, error)
  }
}

function unknownZone(timezone: string, cause?: unknown): AppError {
  return new AppError(
    'invalid_argument',
    `Cannot show times in zone ${JSON.stringify(timezone)}: it is not an IANA time zone. Set the agent's timezone to one such as Europe/Berlin or UTC.`,
    { cause },
  )
}

function unreadable(text: string, name: string): AppError {
  return new AppError(
    'validation_failed',
    `Cannot read ${name} ${JSON.stringify(text.slice(0, 80))}: it is not a date of the calendar in ISO 8601. Write it like 2026-03-31 or 2026-03-31T14:30.`,
  )
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
