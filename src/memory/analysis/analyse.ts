import { familyStems, irregularForms } from './fold-map.ts'
import { splitWords, type Word } from './split-words.ts'
import { stemEnglish } from './stemmer.ts'
import { stopWords } from './stop-words.ts'
import { symbolsOf } from './symbols-of.ts'

/** The longest token, in UTF-16 units; what is longer is cut, in queries and documents alike. */
export const maxTokenLength = 64

/** A query taken apart. */
export interface AnalysedQuery {
  /** The distinct tokens to look for, words first; empty when the query has no letters, digits or signs. */
  readonly terms: readonly string[]
  /** The first word of the query behind each term, to speak of it to people. */
  readonly words: ReadonlyMap<string, string>
  /** Whether all its words are stop words, so that they are looked for after all. */
  readonly onlyStopWords: boolean
}

/**
 * The tokens a text is found by, in order, with repetitions.
 *
 * Lower-case words of any script without English stop words, irregular and family forms folded (`went` → `go`,
 * `bicycle` → `bike`), English words stemmed. A text of nothing but stop words keeps them. Text written without
 * spaces gives pairs of neighbouring characters and, for Han, the single characters too.
 */
export function analyse(text: string): readonly string[] {
  return analyseWords(splitWords(text))
}

/** The same for a text that was taken apart already. */
export function analyseWords(words: readonly Word[]): readonly string[] {
  const { kept } = withoutStopWords(words)
  return kept.flatMap((word) => (word.unspaced ? documentGrams(word.text) : [toToken(word.text)]))
}

/** The tokens that the index keeps of a text that was taken apart: those of its words, then its emoji and other signs. */
export function indexTokens(text: string, words: readonly Word[]): readonly string[] {
  return [...analyseWords(words), ...symbolsOf(text)]
}

/** Up to how many words a query is a list of things to look for, and a sign in it one of them. */
const fewWords = 2

/**
 * The terms to look for what {@link indexTokens} gave the index. Longer runs without spaces are looked for by pairs only.
 *
 * Emoji and other signs are looked for where there is little else (`🦄`, `📌 todo`): in a sentence they say how it is meant,
 * and what was said with the same smile is no answer. Stop words do not count beside them.
 */
export function analyseQuery(text: string): AnalysedQuery {
  const all = splitWords(text)
  const signs = all.length <= fewWords ? symbolsOf(text) : []
  const { kept: telling, onlyStopWords: isEmpty } = withoutStopWords(all)
  const onlyStopWords = isEmpty && signs.length === 0
  const kept = isEmpty && !onlyStopWords ? [] : telling
  const words = new Map<string, string>()
  for (const word of kept) {
    const terms = word.unspaced ? characterPairs(word.text) : [toToken(word.text)]
    for (const term of terms) {
      if (!words.has(term)) words.set(term, word.unspaced ? term : word.text)
    }
  }
  for (const sign of signs) words.set(sign, sign)
  return { terms: [...words.keys()], words, onlyStopWords }
}

function withoutStopWords(words: readonly Word[]): {
  readonly kept: readonly Word[]
  readonly onlyStopWords: boolean
} {
  const kept = words.filter((word) => !stopWords.has(word.text))
  const onlyStopWords = kept.length === 0 && words.length > 0
  return { kept: onlyStopWords ? words : kept, onlyStopWords }
}

function toToken(word: string): string {
  const base = irregularForms.get(word) ?? word
  const stem = /^[a-z]+$/.test(base) ? stemEnglish(base) : base
  return cut(familyStems.get(stem) ?? stem)
}

function cut(token: string): string {
  return token.length <= maxTokenLength ? token : token.slice(0, maxTokenLength).toWellFormed()
}

function characterPairs(run: string): readonly string[] {
  const characters = Array.from(run)
  if (characters.length === 1) return characters
  return characters.slice(1).map((character, index) => `${characters[index] ?? ''}${character}`)
}

function documentGrams(run: string): readonly string[] {
  const pairs = characterPairs(run)
  const han = Array.from(run).filter((character) => /\p{Script=Han}/u.test(character))
  return run.length > 1 ? [...pairs, ...han] : pairs
}
