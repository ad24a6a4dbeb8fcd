import { z } from 'zod'

/** A time as responses carry it: `2025-01-02T03:04:05.678Z`; null stays null. */
export function encodeTime(time: number): string
export function encodeTime(time: number | null): string | null
export function encodeTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}

/** A time as messages carry it, in whole seconds: `2025-01-02T03:04:05+00:00`. */
export function encodeMessageDate(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}+00:00`
}

/**
 * A time as whoever asks says it, in ISO 8601 or in words such as "last month". Services read it, in the zone of the agent:
 * only there it is known what a day is.
 */
export const spokenTime = z.string().max(100)

/** A date or time of ISO 8601 as epoch milliseconds; one that names no zone is read as UTC. */
export const timeSchema = z.lazy(() =>
  z
    .union([z.iso.datetime({ offset: true, local: true }), z.iso.date()], {
      error: 'Input should be a valid datetime, such as 2026-11-22T18:00:00Z',
    })
    .transform((text) =>
      Date.parse(
        /T.*(?:Z|[+-]\d\d:?\d\d)$/.test(text)
          ? text
          : `${text}${text.includes('T') ? '' : 'T00:00:00'}Z`,
      ),
    ),
)
