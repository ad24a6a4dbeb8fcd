/** What {@link readTime} can read, for messages. */
export const readableTimes =
  'Write it like 2026-11-22 or 2026-11-22T18:00:00+01:00, or as seconds since 1970'

const isoPattern =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(?:(Z|UTC|GMT)|([+-]\d{2}):?(\d{2}))?)?$/i
const mailPattern =
  /^(?:[a-z]{3}, )?\d{1,2} [a-z]{3} \d{4} \d{2}:\d{2}(?::\d{2})? (?:GMT|UTC|[+-]\d{4})$/i
const secondsPattern = /^\d{9,10}(?:\.\d+)?$/
const millisecondsPattern = /^\d{12,13}$/

/**
 * A time as exports of other programs write it, in the form the API takes; null when it cannot be told for certain what is meant, as
 * with 12/11/2024.
 *
 * Read are ISO 8601 with `T` or a space, seconds or milliseconds since 1970, and the dates of mails. What names no zone is UTC.
 */
export function readTime(value: string | number): string | null {
  const text = String(value).trim()
  if (secondsPattern.test(text)) return toIso(Number(text) * 1000)
  if (millisecondsPattern.test(text)) return toIso(Number(text))
  if (mailPattern.test(text)) return toIso(Date.parse(text))
  const match = isoPattern.exec(text)
  if (match === null) return null
  const [, day = '', clock = '00:00', , hours = '+00', minutes = '00'] = match
  const isDay = toIso(Date.parse(`${day}T00:00Z`))?.startsWith(day) === true
  return isDay ? toIso(Date.parse(`${day}T${clock}${hours}:${minutes}`)) : null
}

function toIso(time: number): string | null {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}
