import { seenText } from '../../util/fold-text.ts'
import { once } from '../../util/once.ts'

/** Scripts that write words without blanks between them. */
export const unspaced = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}`
/** Made when something is forgotten: signs of all scripts take a millisecond, which would be the time of every start. */
const unspacedSigns = once(() => new RegExp(`[${unspaced}]`, 'gu'))
/** The longest piece of a text that is looked for as a whole, in characters; a longer sentence is cut at a blank. */
const longestPiece = 300

/** How many words and characters a piece of a text has at least, to be told from what anybody says by chance. */
const fewestWords = 3
const fewestCharacters = 16

/** From how many characters on a single word tells itself apart, and one with a digit in it. */
const longWord = 12
const longNumber = 6

/** How many signs of a script without blanks a piece has at least. */
const fewestSigns = 6

/**
 * The pieces of a text that another text can be said to quote: its sentences and lines, without those that are too short or
 * common to tell where they come from ("Thank you!").
 */
export function tellingPieces(text: string): readonly string[] {
  const sentences = text
    .split(/(?<=[.!?…])\s+|(?<=[。！？])\s*|\n+/u)
    .flatMap(toShortPieces)
    .map((piece) => trimSigns(piece))
  return [...new Set([...sentences.filter(isTelling), ...identifiersIn(text)])]
}

const shortestIdentifier = 7

/** Codes, numbers of telephones and accounts, addresses of mail and pages: they tell whose they are wherever they stand. */
function identifiersIn(text: string): readonly string[] {
  const tokens = text.match(/[^\s"'“”„‘’<>()[\]{},;]+/gu) ?? []
  return tokens
    .map(trimSigns)
    .filter((token) => token.length >= shortestIdentifier && isIdentifier(token))
}

function isIdentifier(written: string): boolean {
  const token = seenText(written)
  if (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(token) || token.includes('://')) return true
  const digits = token.match(/\d/g)?.length ?? 0
  if (/\p{L}/u.test(token)) return digits >= 2 && !/^\d+(?:\p{L}{1,3}|-\p{L}+)$/u.test(token)
  return digits >= shortestIdentifier && !/^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}/.test(token)
}

/** Whether words are unlikely to be said twice by chance. */
export function isTelling(written: string): boolean {
  const text = seenText(written)
  const words = text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  const signs = text.match(unspacedSigns())?.length ?? 0
  if (signs >= fewestSigns) return true
  if (words.length >= fewestWords && text.length >= fewestCharacters) return true
  return words.some(
    (each) => each.length >= longWord || (each.length >= longNumber && /\d/.test(each)),
  )
}

/** A text from its first word to its last; one without words, from its first emoji to its last. */
export function trimSigns(text: string): string {
  const words = text.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{M}\p{N}]+$/gu, '')
  if (words !== '') return words
  return text.replace(
    /^[^\p{RI}\p{Extended_Pictographic}]+|[^\p{RI}\p{Emoji_Modifier}\p{Extended_Pictographic}]+$/gu,
    '',
  )
}

function toShortPieces(sentence: string): readonly string[] {
  if (sentence.length <= longestPiece) return [sentence]
  const pieces: string[] = []
  let rest = sentence
  while (rest.length > longestPiece) {
    const blank = rest.lastIndexOf(' ', longestPiece)
    const end = blank > longestPiece / 2 ? blank : longestPiece
    pieces.push(rest.slice(0, end))
    rest = rest.slice(end)
  }
  return [...pieces, rest]
}
