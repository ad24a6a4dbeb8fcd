import { tellingWords, type WordSplitter } from './question-words.ts'
import type { FoundText } from './read-search-result.ts'

/** The smallest part of a question's words that a text must hold to be quoted, 0 to 1. */
export const leastCoverage = 0.6

/** How large a part of what the best text covers another must cover to be quoted beside it. */
export const nearBest = 0.8

/** The most texts quoted in one reply. */
const quoteLimit = 3

/**
 * Chooses what is quoted in answer to a question: what covers enough of it, and nearly as much as the best does,
 * newest first, so that of two that conflict the newer is read first.
 *
 * Coverage is counted here by words that say what is looked for, each alike: weighted by rarity, as search reports it,
 * a word that occurs nowhere outweighs all others as long as little is stored. Search's figure counts for texts that
 * it cut short. A text that adds no word to the question, such as the same question asked before, is no answer to it.
 */
export function selectQuotes(input: {
  readonly question: string
  readonly found: readonly FoundText[]
  readonly toWords: WordSplitter
}): readonly FoundText[] {
  const { found, toWords } = input
  const asked = tellingWords(input.question, toWords)
  const useful = found
    .map((text) => ({ text, coverage: coverageOf(text, asked, toWords) }))
    .filter(({ text, coverage }) => {
      if (coverage < leastCoverage) return false
      return [...tellingWords(text.text, toWords)].some((word) => !asked.has(word))
    })
  const best = Math.max(0, ...useful.map(({ coverage }) => coverage))
  return useful
    .filter(({ coverage }) => coverage >= best * nearBest)
    .map(({ text }) => text)
    .toSorted((left, right) => Date.parse(right.timestamp) - Date.parse(left.timestamp))
    .slice(0, quoteLimit)
}

function coverageOf(found: FoundText, asked: ReadonlySet<string>, toWords: WordSplitter): number {
  const held = new Set(toWords(found.text))
  const counted = [...asked].filter((word) => held.has(word)).length / Math.max(1, asked.size)
  return found.isCut ? Math.max(counted, found.coverage) : counted
}
