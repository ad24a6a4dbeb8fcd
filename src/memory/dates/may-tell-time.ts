import { once } from '../../util/once.ts'
import { months } from './calendar-words.ts'

const monthStarts = months.map((month) => month.slice(0, 3)).join('|')

/** One of these is in whatever the patterns of this folder find. */
const signs = once(
  () =>
    new RegExp(
      [
        String.raw`\d`,
        String.raw`\b(?:${monthStarts}|ago|since|few|recently|lately|tomorrow|christmas|easter|halloween|thanksgiving)`,
        // Also inside of words, such as "Monday" and "tonight".
        'day|night|week|month|year|morning|evening|afternoon|summer|winter|spring|fall|autumn',
      ].join('|'),
      'i',
    ),
)

/**
 * Whether an English text may say a time at all. Most do not, and the patterns that read times are large: V8 takes longer to make
 * each of them ready than a command takes to search.
 */
export function mayTellTime(text: string): boolean {
  return signs().test(text)
}
