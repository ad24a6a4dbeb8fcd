import type { FoundText } from './read-search-result.ts'

/** The words of a text that say what it is about: stems, say, without stop words and everyday words. */
export type WordSplitter = (text: string) => readonly string[]

/**
 * The smallest part of a question's weight that a text must cover to be quoted, 0 to 1. Chosen, with {@link nearBest},
 * on development sets of generated questions that no test shares: docs/decisions/model-layer.md.
 */
export const leastCoverage = 0.38

/** How large a part of what the best text covers another must cover to be quoted beside it, 0 to 1. */
export const nearBest = 0.6

/** The most texts quoted in one reply. */
const quoteLimit = 3

/**
 * Chooses what is quoted in answer to a question: what covers enough of it, and nearly as much as the best does,
 * newest first, so that of two that conflict the newer is read first. What is known to be true now comes before all words.
 *
 * A text that adds no word to the question, such as the same question asked before, is no answer to it.
 */
export function selectQuotes(input: {
  readonly question: string
  readonly found: readonly FoundText[]
  readonly toWords: WordSplitter
}): readonly FoundText[] {
  const { found, toWords } = input
  const asked = new Set(toWords(input.question))
  const useful = found.filter(
    ({ text, coverage }) =>
      coverage >= leastCoverage && toWords(text).some((word) => !asked.has(word)),
  )
  const best = Math.max(0, ...useful.map(({ coverage }) => coverage))
  return useful
    .filter(({ coverage }) => coverage >= best * nearBest)
    .toSorted(
      (left, right) =>
        Number(right.kind === 'fact') - Number(left.kind === 'fact') ||
        Date.parse(right.timestamp) - Date.parse(left.timestamp),
    )
    .slice(0, quoteLimit)
}
