import { analyse } from '../analysis/analyse.ts'
import { sameWords } from '../analysis/same-words.ts'

/** The sentences of a text in order, each as {@link sameWords} has it; lines are sentences, too. */
export function sentencesOf(text: string): readonly string[] {
  return text
    .split(/(?<=[.!?])(?=\s)|(?<=[。！？])|\n+/u)
    .map(sameWords)
    .filter((sentence) => sentence !== '')
}

/**
 * Whether a text says all that another one says: its sentences stand in it whole, in their order and with nothing between
 * them. Words that stand in a longer sentence do not count, as "I like tea" stands in "I never said that I like tea".
 */
export function saysAll(whole: readonly string[], part: readonly string[]): boolean {
  return `\n${whole.join('\n')}\n`.includes(`\n${part.join('\n')}\n`)
}

/**
 * Whether a text may say in other words what another one says: it has all the words of it that tell something, and all its
 * numbers and signs, and it denies or asks as much. Only a person can tell that it does: "Anna loves Ben" has the words
 * of "Ben loves Anna".
 */
export function mayRepeat(whole: string, part: string): boolean {
  const [told, said] = [new Set(analyse(whole)), new Set(analyse(part))]
  return (
    said.size > 0 &&
    said.isSubsetOf(told) &&
    exactWords(part).isSubsetOf(exactWords(whole)) &&
    [denies, asks, isPast].every((sign) => sign.test(whole) === sign.test(part))
  )
}

const denies = /\b(?:not|no|nor|none|never|without|hardly|nothing|nobody)\b|n['’]t\b/i
const asks = /[?？]/
const isPast = /\b(?:was|were|had|did|used|before|until|former|formerly|earlier)\b/i

/** The words of a text that are more than letters: numbers, and what has a sign. */
function exactWords(text: string): ReadonlySet<string> {
  return new Set(
    sameWords(text)
      .split(' ')
      .filter((word) => !/^[\p{L}\p{M}'’-]+$/u.test(word)),
  )
}
