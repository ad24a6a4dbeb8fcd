import { findQueryRanges } from '../../src/memory/dates/query-ranges.ts'
import { dayOf } from '../../src/memory/dates/calendar-words.ts'
import type { Statement } from '../../test/freshness/fact-memory.ts'
import { dayMs, worldStart } from '../../test/freshness/world.ts'

const verb = '(?:is now|is|was|will be|has been|has changed to|changed to)'
const patterns = [
  new RegExp(
    `(?<subject>\\p{Lu}[\\p{L}\\p{N}]*)['’]s (?<attribute>[\\p{Ll} ]+?) ${verb} (?<value>[^,.]+)`,
    'u',
  ),
  new RegExp(
    `[Tt]he (?<attribute>[\\p{Ll} ]+?) of (?<subject>\\p{Lu}[\\p{L}\\p{N}]*) ${verb} (?<value>[^,.]+)`,
    'u',
  ),
]
const correction = /^(?:correction|i was wrong|actually)\b/i

/**
 * The statement in an English sentence of the form "X's Y is Z" or "the Y of X is Z", with its dates; null when it has
 * another form. Nothing but these forms and the date rules of the product: what can be had without any model.
 */
export function extractStatement(text: string, day: number): Statement | null {
  const spans = readSpans(text, day)
  const bare = spans.phrases.reduce((rest, phrase) => rest.replace(phrase, ''), text)
  for (const pattern of patterns) {
    const groups = pattern.exec(bare)?.groups
    if (groups === undefined) continue
    const { subject = '', attribute = '', value = '' } = groups
    return {
      subject,
      attribute: attribute.trim(),
      value: value.replace(/ (?:since|from|on|to|until)\b.*$/, '').trim(),
      since: spans.since,
      until: spans.until,
      isCorrection: correction.test(text),
    }
  }
  return null
}

/** The days that a sentence speaks of: one = since then, two = from the first to the second. */
function readSpans(
  text: string,
  day: number,
): {
  readonly since: number | null
  readonly until: number | null
  readonly phrases: readonly string[]
} {
  const today = dayOf(worldStart + day * dayMs, 'UTC')
  const found = findQueryRanges(text, { today, timezone: 'UTC' })
    .flatMap(({ phrase, from, until }) => {
      const at = from ?? until
      return at === null ? [] : [{ phrase, day: Math.floor((at - worldStart) / dayMs) }]
    })
    .toSorted((left, right) => text.indexOf(left.phrase) - text.indexOf(right.phrase))
  const [first, second] = found
  return {
    since: first?.day ?? null,
    until: second?.day ?? null,
    phrases: found.map(({ phrase }) => phrase),
  }
}
