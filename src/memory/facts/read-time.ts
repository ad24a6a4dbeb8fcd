import { AppError } from '../../errors/app-error.ts'
import { dayOf } from '../dates/calendar-words.ts'
import { findQueryRanges } from '../dates/query-ranges.ts'
import { parseRangeEnd } from '../zoned-time.ts'

/** A time as a person or model writes it. */
export interface SpokenTime {
  readonly text: string
  /** What it is called in an error, such as `since`. */
  readonly name: string
  /** The moment from which "yesterday" and "last month" are counted. */
  readonly now: number
  readonly timezone: string
}

/** The first moment of a time in words or in ISO 8601. Throws `validation_failed` for what the rules cannot read. */
export function readStart(spoken: SpokenTime): number {
  if (isIso(spoken.text)) return parseRangeEnd(spoken, 'start')
  const { from, until } = rangeOf(spoken)
  const start = from ?? until
  if (start === null) throw unreadable(spoken)
  return start
}

/** The first moment after a time in words or in ISO 8601: a day, a month or a year counts whole. */
export function readEnd(spoken: SpokenTime): number {
  if (isIso(spoken.text)) return parseRangeEnd(spoken, 'end') + 1
  const { from, until } = rangeOf(spoken)
  if (until !== null) return until + 1
  if (from === null) throw unreadable(spoken)
  return from
}

/** A moment to look at, in words or in ISO 8601: the end of the day, month or year it names, but not after `now`. */
export function readMoment(spoken: SpokenTime): number {
  const end = readEnd(spoken) - 1
  const start = readStart(spoken)
  return start <= spoken.now && end > spoken.now ? spoken.now : end
}

function isIso(text: string): boolean {
  return /^\d{4}-\d\d-\d\d/.test(text.trim())
}

function rangeOf(spoken: SpokenTime): {
  readonly from: number | null
  readonly until: number | null
} {
  const { now, timezone } = spoken
  const text = spoken.text.trim()
  if (/^(?:right )?now$/i.test(text)) return { from: now, until: now - 1 }
  const seen = { today: dayOf(now, timezone), timezone }
  // A bare year or month is read as the queries say it.
  for (const given of [text, `in ${text}`, `on ${text}`]) {
    const [range] = findQueryRanges(given, seen)
    if (range !== undefined) return range
  }
  throw unreadable(spoken)
}

function unreadable({ text, name }: SpokenTime): AppError {
  return new AppError(
    'validation_failed',
    `Cannot read ${name} ${JSON.stringify(text.slice(0, 80))}: it is no time that the rules know. Write it like 2026-03-31, 2026-03-31T14:30, "March 2026", "last month" or "two weeks ago".`,
  )
}
