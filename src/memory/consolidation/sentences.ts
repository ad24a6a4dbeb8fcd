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
