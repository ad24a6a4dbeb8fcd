import { AppError } from '../errors/app-error.ts'
import { readEnd, readStart } from './facts/read-time.ts'

/** A range of time as a person, a model or a client writes it: ISO 8601, or words such as "last month". */
export interface GivenDates {
  /** Absent or blank = open. */
  readonly start?: string | undefined
  readonly end?: string | undefined
  /** What whoever gave them calls the two, for errors. */
  readonly names: readonly [start: string, end: string]
}

/** The same with what is needed to read it. */
export interface GivenRange extends GivenDates {
  /** The moment from which "yesterday" and "last month" are counted. */
  readonly now: number
  /** IANA zone that times without an offset are read in. */
  readonly timezone: string
}

/** A range in epoch milliseconds, both ends inclusive; null = open. */
export interface TimeRange {
  readonly from: number | null
  readonly until: number | null
}

/**
 * Reads the range of a search; whatever takes one, reads it here. Both ends are inclusive: a day, a month or a minute counts
 * whole.
 *
 * @throws AppError `validation_failed` for what cannot be read, and for an end before the start, which nothing could pass.
 */
export function readRange({ start, end, names, now, timezone }: GivenRange): TimeRange {
  const from = isGiven(start) ? readStart({ text: start, name: names[0], now, timezone }) : null
  const until = isGiven(end) ? readEnd({ text: end, name: names[1], now, timezone }) - 1 : null
  if (from !== null && until !== null && from > until) {
    throw new AppError(
      'validation_failed',
      `Cannot search: ${names[0]} ${JSON.stringify(start)} is after ${names[1]} ${JSON.stringify(end)}. Exchange them.`,
    )
  }
  return { from, until }
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== ''
}
