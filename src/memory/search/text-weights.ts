import type { StoredText } from '../../storage/contract/search-store.ts'
import { searchConstants } from './search-constants.ts'

/**
 * How much of what is said around a text counts for it, 0 to 1. Passages stand alone unless they are lines of a
 * conversation, which begin with a name.
 */
export function toContextShare({ speaker, role }: StoredText): number {
  if (speaker !== '') return 1
  return role === null ? 0 : searchConstants.unnamedContext
}

/** How much of its context a text gives and takes by its shortness, 0 to 1. */
export function toShortness(wordCount: number): number {
  return Math.min(1, searchConstants.contextWords / Math.max(1, wordCount))
}

/** What the length of a text counts for it, by its number of words. */
const lengthPriors: readonly number[] = Array.from(
  { length: searchConstants.priorWords + 1 },
  (_, words) => Math.log(1 + Math.max(1, words)) ** searchConstants.lengthPower,
)

/** What is left of a question that was answered: it asks what the answer says, but a long one tells something as well. */
export function toAnsweredPrior(wordCount: number): number {
  const { answeredFactor, answeredWords } = searchConstants
  return 1 - (1 - answeredFactor) * Math.min(1, answeredWords / Math.max(1, wordCount))
}

/** What a text counts for by its length and form alone, whatever is asked. */
export function toPrior({ wordCount, isQuestion, speaker, listenerShare }: StoredText): number {
  const { priorWords, questionFactor, questionWords, listenerFactor } = searchConstants
  const length = lengthPriors[Math.min(wordCount, priorWords)] ?? 1
  const question = isQuestion && wordCount <= questionWords ? questionFactor : 1
  const about = speaker === '' ? 1 : 1 - (1 - listenerFactor) * (listenerShare / 100)
  return length * question * about
}
