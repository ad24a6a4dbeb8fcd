import { dayOf, startOfDay } from '../dates/calendar-words.ts'
import { findQueryRanges } from '../dates/query-ranges.ts'

/** When something that was told happened. */
export interface EventTime {
  /** Its first moment, in epoch milliseconds. */
  readonly at: number
  /** The words the day was read from; null = none, it is when it was said. */
  readonly phrase: string | null
}

/**
 * When what a text tells of happened: the first date in it that the rules can read, seen from the day it was said, else
 * when it was said. A date that is open at its beginning ("until March") says nothing of that.
 */
export function eventTime(
  text: string,
  { saidAt, timezone }: { readonly saidAt: number; readonly timezone: string },
): EventTime {
  const today = dayOf(saidAt, timezone)
  const ranges = findQueryRanges(text, { today, timezone })
  const first = ranges
    .map((range) => ({ ...range, place: text.indexOf(range.phrase) }))
    .toSorted((left, right) => left.place - right.place)
    .find(({ from }) => from !== null)
  const from = first?.from ?? null
  if (first === undefined || from === null || from === startOfDay(today, timezone)) {
    return { at: saidAt, phrase: null }
  }
  return { at: from, phrase: first.phrase }
}
