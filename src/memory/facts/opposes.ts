import { sameWords } from '../analysis/same-words.ts'

/** Words that turn an instruction round. */
const negations: ReadonlySet<string> = new Set([
  'never',
  'not',
  'no',
  'don’t',
  "don't",
  'dont',
  'stop',
])

/** Words that an instruction has with or without meaning the same. */
const fillers: ReadonlySet<string> = new Set([
  'always',
  'ever',
  'please',
  'do',
  'longer',
  'again',
  'from',
  'now',
  'on',
])

/**
 * Whether two instructions cannot stand together by their words alone: they are the same but for "always" and "never" and the
 * like, such as "Never deploy on Fridays" and "Always deploy on Fridays".
 */
export function opposes(one: string, other: string): boolean {
  const [left, right] = [takeApart(one), takeApart(other)]
  return left.words !== '' && left.words === right.words && left.isNegative !== right.isNegative
}

function takeApart(instruction: string): { readonly words: string; readonly isNegative: boolean } {
  const words = sameWords(instruction).split(' ')
  const isNegation = (word: string): boolean => negations.has(word)
  return {
    words: words.filter((word) => !isNegation(word) && !fillers.has(word)).join(' '),
    isNegative: words.filter(isNegation).length % 2 === 1,
  }
}
