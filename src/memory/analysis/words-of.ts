import { analyse } from './analyse.ts'

/** The words of a text as search knows them, each once. */
export function wordsOf(text: string): ReadonlySet<string> {
  return new Set(analyse(text))
}

/** Whether a text with these words says all of those; one without words is said by nothing. */
export function saysAll(words: ReadonlySet<string>, wanted: ReadonlySet<string>): boolean {
  return wanted.size > 0 && wanted.isSubsetOf(words)
}
