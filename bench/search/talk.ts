import { newSeed } from './seed.ts'

/** Made-up talk: words of a made-up language that occur as often as words do, in messages of a chat's length. */
export interface Talk {
  /** The next message. */
  next(): string
  /** A question: a common word, two of middling rarity and a rare one. */
  question(): string
}

const vocabulary = 20_000
const syllables = [
  'ba',
  'do',
  'ke',
  'lu',
  'mi',
  'no',
  'pa',
  'ri',
  'so',
  'tu',
  've',
  'za',
  'go',
  'hu',
]

/** The same talk for the same number. */
export function createTalk(seed: number): Talk {
  const random = newSeed(seed)
  // As in any language, the word of rank r occurs about 1/r as often as the first.
  const word = (): string => wordOf(Math.floor(vocabulary ** random()))
  const between = (least: number, most: number): number =>
    least + Math.floor(random() * (most - least))
  return {
    next: () => Array.from({ length: between(6, 40) }, word).join(' '),
    question: () =>
      [between(1, 20), between(50, 500), between(50, 500), between(1000, 5000)]
        .map(wordOf)
        .join(' '),
  }
}

function wordOf(rank: number): string {
  let text = ''
  for (let rest = rank + syllables.length; rest > 0; rest = Math.floor(rest / syllables.length)) {
    text += syllables[rest % syllables.length]
  }
  return text
}
