import type { FoldedSigns, FoldedText } from '../../util/fold-text.ts'
import { once } from '../../util/once.ts'
import { trimSigns, unspaced } from './needles.ts'
import { readingsOf } from './readings.ts'

/** A sign of a word of letters that are written together; words of another script may stand right beside it. */
const spacedSign = `(?![${unspaced}])[\\p{L}\\p{M}\\p{N}]`
/** A sign that people see as one picture, though it may be made of several. */
const emoji = String.raw`\p{RI}{2}|\p{Extended_Pictographic}\p{Emoji_Modifier}?(?:\u{200d}\p{Extended_Pictographic}\p{Emoji_Modifier}?)*`
/** A word as it is looked up: where a script has no blanks, every sign is one, and so is an emoji. */
const lookedUp = once(
  () => new RegExp(`(?:${spacedSign})+|(?=[\\p{L}\\p{M}\\p{N}])[${unspaced}]|${emoji}`, 'gu'),
)
const spacedEnd = once(() => new RegExp(`${spacedSign}$`, 'u'))
/** What would make another sign of the last one of a piece. */
const goesOn = String.raw`[\p{M}\p{Emoji_Modifier}\u{200d}]`

/** What finds and cuts words out of texts. */
export interface Matcher {
  /** The pieces it looks for, as they were written. */
  readonly pieces: readonly string[]
  /** How what it has found so far was written, where that is not how a piece is: files are searched for that, too. */
  readonly spellings: ReadonlySet<string>
  /** Whether a text holds one of them. */
  matches(text: string): boolean
  /** The text with `mark` in the place of each of them. */
  cut(text: string, mark: string): string
}

/** How many spellings are remembered. */
const mostSpellings = 1000

/** By how many of their first words pieces are looked up. */
const keyWords = 4

/** The pieces that may begin at a place, by the words there: four of them, or all where a piece has fewer. */
type PiecesByWords = ReadonlyMap<string, readonly LazyPattern[]>

/** A piece whose pattern is made when it is first needed: making one costs much more than looking it up. */
type LazyPattern = () => RegExp

/**
 * Makes what looks for pieces of text, however they are written (see `foldText`), whatever their blanks and line breaks are,
 * and whether they stand plainly, in the strings of JSON text or quoted as data. What it costs depends on the text, not on
 * how many pieces there are.
 */
export function createMatcher(texts: readonly string[]): Matcher {
  const pieces = distinct(texts.map(trimSigns))
  const known: FoldedSigns = new Map()
  const small = new Set(pieces.map((piece) => piece.toLowerCase()))
  const folded = distinct(
    pieces.flatMap((piece) => readingsOf(piece, known)).map(({ text }) => trimSigns(text)),
  )
  const byWords = Map.groupBy(folded, (piece) => keyOf(wordsIn(piece)))
  const patterns: PiecesByWords = new Map(
    Array.from(byWords, ([key, group]) => [
      key,
      group.map((piece) => once(() => toPattern(piece))),
    ]),
  )
  const firsts = new Set(Array.from(patterns.keys(), (key) => key.split(' ', 1)[0] ?? ''))
  const spellings = new Set<string>()
  const scan = (text: string): readonly Range[] => {
    if (patterns.size === 0) return []
    const ranges = joinRanges(
      readingsOf(text, known).flatMap((reading) => findRanges(reading, { patterns, firsts })),
    )
    for (const { start, end } of ranges) {
      const spelling = trimSigns(text.slice(start, end))
      if (small.has(spelling.toLowerCase()) || spellings.size >= mostSpellings) continue
      spellings.add(spelling)
    }
    return ranges
  }
  return {
    pieces,
    spellings,
    matches: (text) => scan(text).length > 0,
    cut(text, mark) {
      let result = ''
      let at = 0
      for (const { start, end } of scan(text)) {
        result += text.slice(at, start) + mark
        at = end
      }
      return at === 0 ? text : result + text.slice(at)
    },
  }
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].filter((text) => text !== '')
}

interface Range {
  readonly start: number
  readonly end: number
}

interface Word {
  readonly text: string
  readonly start: number
}

/** Where pieces stand, as places of the text as it was written. */
function findRanges(
  reading: FoldedText,
  { patterns, firsts }: { readonly patterns: PiecesByWords; readonly firsts: ReadonlySet<string> },
): readonly Range[] {
  const words = wordsIn(reading.text)
  const ranges: Range[] = []
  let free = 0
  for (const [index, word] of words.entries()) {
    if (word.start < free || !firsts.has(word.text)) continue
    const end = longestEnd(reading.text, word.start, candidatesAt(words, index, patterns))
    if (end <= word.start) continue
    ranges.push({ start: reading.startOf(word.start), end: reading.endOf(end) })
    free = end
  }
  return ranges
}

/** Ranges in order, those that overlap as one. */
function joinRanges(ranges: readonly Range[]): readonly Range[] {
  const joined: Range[] = []
  for (const range of ranges.toSorted((left, right) => left.start - right.start)) {
    const last = joined.at(-1)
    if (last === undefined || range.start >= last.end) joined.push(range)
    else joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, range.end) }
  }
  return joined
}

function candidatesAt(
  words: readonly Word[],
  index: number,
  patterns: PiecesByWords,
): readonly LazyPattern[] {
  const found: LazyPattern[] = []
  for (let count = 1; count <= keyWords && index + count <= words.length; count += 1) {
    found.push(...(patterns.get(keyOf(words.slice(index, index + count))) ?? []))
  }
  return found
}

function longestEnd(text: string, start: number, candidates: readonly LazyPattern[]): number {
  let end = start
  for (const candidate of candidates) {
    const pattern = candidate()
    pattern.lastIndex = start
    if (pattern.test(text)) end = Math.max(end, pattern.lastIndex)
  }
  return end
}

/** The words of a folded text. */
function wordsIn(text: string): readonly Word[] {
  return Array.from(text.matchAll(lookedUp()), ({ 0: word, index }) => ({
    text: word,
    start: index,
  }))
}

function keyOf(words: readonly Word[]): string {
  return words
    .slice(0, keyWords)
    .map(({ text }) => text)
    .join(' ')
}

/** A pattern that is tried at one place of a folded text; it takes the sign that ends a sentence with it. */
function toPattern(piece: string): RegExp {
  const source = piece
    .split(/(\s+)/u)
    .map((part) =>
      /^\s+$/u.test(part)
        ? String.raw`\s+`
        : part.replaceAll(/[.*+?^${}()|[\]/\\]/g, String.raw`\$&`),
    )
    .join('')
  const boundary = spacedEnd().test(piece) ? `(?!${goesOn}|${spacedSign})` : `(?!${goesOn})`
  return new RegExp(`${source}${boundary}[.!?。]*`, 'uy')
}
