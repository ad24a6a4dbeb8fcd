import { once } from '../../util/once.ts'
import { months, weekdays } from './calendar-words.ts'
import { mayTellTime } from './may-tell-time.ts'

const temporalPattern = once(
  () =>
    new RegExp(
      [
        String.raw`\b(?:yesterday|today|tonight|tomorrow|ago|recently|lately)\b`,
        String.raw`\b(?:last|next|this|past|previous|coming) (?:night|morning|evening|afternoon|day|week|weekend|month|year|summer|winter|spring|fall|autumn|few)`,
        String.raw`\b(?:last|next|this) (?:${[...weekdays, ...months].join('|')})\b`,
        String.raw`\b(?:${[...weekdays, ...months.filter((month) => month !== 'may' && month !== 'march')].join('|')})\b`,
        String.raw`\b(?:in|on|since|of|until|by|early|late|mid) (?:may|march)\b|\b(?:may|march) \d`,
        String.raw`\b(?:1[89]|20)\d\d\b`,
        String.raw`\b\d{1,2}(?::\d\d)? ?(?:am|pm)\b`,
        String.raw`\b(?:\d+|a|an|one|two|three|four|five|six|seven|eight|nine|ten|few|couple of|several) (?:day|week|month|year)s?\b`,
        String.raw`\b(?:christmas|easter|halloween|thanksgiving|new year)\b`,
        String.raw`\bsince\b`,
      ].join('|'),
      'i',
    ),
)

/** Whether an English text says when something was or will be. */
export function isTemporal(text: string): boolean {
  return mayTellTime(text) && temporalPattern().test(text)
}

const whenPattern =
  /\bwhen\b|\b(?:what|which) (?:date|day|month|year|time|week|weekend)\b|\bhow (?:long|many (?:days|weeks|months|years)) (?:ago|since)\b|\bsince when\b|\bhow long has\b|\bhow long have\b/i

/** Whether an English question asks for a time. */
export function asksWhen(question: string): boolean {
  return whenPattern.test(question)
}
