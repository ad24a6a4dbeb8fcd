/** Scripts that write words without blanks between them. */
const unspaced = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}`
const unspacedSign = new RegExp(`[${unspaced}]`, 'u')
const unspacedSigns = new RegExp(`[${unspaced}]`, 'gu')
const word = /[\p{L}\p{M}\p{N}]+/gu
/** A sign of a word of letters that are written together; words of another script may stand right beside it. */
const spacedSign = `(?![${unspaced}])[\\p{L}\\p{M}\\p{N}]`
/** A word as it is looked up: where a script has no blanks, every sign is one. */
const lookedUp = new RegExp(`(?:${spacedSign})+|(?=[\\p{L}\\p{M}\\p{N}])[${unspaced}]`, 'gu')

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

function isIdentifier(token: string): boolean {
  if (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(token) || token.includes('://')) return true
  const digits = token.match(/\d/g)?.length ?? 0
  if (/\p{L}/u.test(token)) return digits >= 2 && !/^\d+(?:\p{L}{1,3}|-\p{L}+)$/u.test(token)
  return digits >= shortestIdentifier && !/^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}/.test(token)
}

/** Whether words are unlikely to be said twice by chance. */
export function isTelling(text: string): boolean {
  const words = text.match(word) ?? []
  const signs = text.match(unspacedSigns)?.length ?? 0
  if (signs >= fewestSigns) return true
  if (words.length >= fewestWords && text.length >= fewestCharacters) return true
  return words.some(
    (each) => each.length >= longWord || (each.length >= longNumber && /\d/.test(each)),
  )
}

/** A text from its first word to its last. */
export function trimSigns(text: string): string {
  return text.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{M}\p{N}]+$/gu, '')
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

/** What finds and cuts words out of texts. */
export interface Matcher {
  /** The pieces it looks for. */
  readonly pieces: readonly string[]
  /** Whether a text holds one of them. */
  matches(text: string): boolean
  /** The text with `mark` in the place of each of them. */
  cut(text: string, mark: string): string
}

/** By how many of their first words pieces are looked up. */
const keyWords = 4

/** The pieces that may begin at a place, by the words there: four of them, or all where a piece has fewer. */
type PiecesByWords = ReadonlyMap<string, readonly LazyPattern[]>

/** A piece whose pattern is made when it is first needed: making one costs much more than looking it up. */
interface LazyPattern {
  readonly piece: string
  pattern: RegExp | null
}

/**
 * Makes what looks for pieces of text, whatever their capitals, blanks and line breaks are, and whether they stand plainly,
 * in the strings of JSON text or quoted as data. What it costs depends on the text, not on how many pieces there are.
 */
export function createMatcher(texts: readonly string[]): Matcher {
  const pieces = [...new Set(texts.flatMap(spellings).map(trimSigns))].filter(
    (piece) => piece !== '',
  )
  const byWords = Map.groupBy(pieces, (piece) => keyOf(wordsIn(piece)))
  const patterns: PiecesByWords = new Map(
    Array.from(byWords, ([key, group]) => [key, group.map((piece) => ({ piece, pattern: null }))]),
  )
  const firsts = new Set(Array.from(patterns.keys(), (key) => key.split(' ', 1)[0] ?? ''))
  const scan = (text: string): readonly Range[] =>
    patterns.size === 0 ? [] : findRanges(text, { patterns, firsts })
  return {
    pieces,
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

/** A text with accents as signs of their own and without: it looks the same, and is stored as it was typed. */
function spellings(text: string): readonly string[] {
  return [text, text.normalize('NFC'), text.normalize('NFD')]
}

interface Range {
  readonly start: number
  readonly end: number
}

interface Word {
  readonly text: string
  readonly start: number
}

function findRanges(
  text: string,
  { patterns, firsts }: { readonly patterns: PiecesByWords; readonly firsts: ReadonlySet<string> },
): readonly Range[] {
  const words = wordsIn(text)
  const ranges: Range[] = []
  let free = 0
  for (const [index, word] of words.entries()) {
    if (word.start < free || !firsts.has(word.text)) continue
    const end = longestEnd(text, word.start, candidatesAt(words, index, patterns))
    if (end <= word.start) continue
    ranges.push({ start: word.start, end })
    free = end
  }
  return ranges
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
    const pattern = (candidate.pattern ??= toPattern(candidate.piece))
    pattern.lastIndex = start
    if (pattern.test(text)) end = Math.max(end, pattern.lastIndex)
  }
  return end
}

/** The words of a text in small letters; where a script has no blanks, every sign is one. */
function wordsIn(text: string): readonly Word[] {
  return Array.from(text.matchAll(lookedUp)).flatMap((match) => {
    const skipped = escapedLetters(text, match)
    const found = match[0].slice(skipped).toLowerCase()
    return found === '' ? [] : [{ text: found, start: match.index + skipped }]
  })
}

/** In JSON text within JSON text a line break is a letter that belongs to no word. */
function escapedLetters(text: string, match: RegExpExecArray): number {
  return text[match.index - 1] === '\\' && /^[nrtbf]/.test(match[0]) ? 1 : 0
}

function keyOf(words: readonly Word[]): string {
  return words
    .slice(0, keyWords)
    .map(({ text }) => text)
    .join(' ')
}

/** A pattern that is tried at one place; it takes the sign that ends a sentence with it. */
function toPattern(piece: string): RegExp {
  const source = piece
    .split(/(\s+|[<"“”„'’‘\\])/u)
    .map(toSource)
    .join('')
  const boundary = unspacedSign.test(Array.from(piece).at(-1) ?? '') ? '' : `(?!${spacedSign})`
  return new RegExp(`${source}${boundary}[.!?…。！？]*`, 'iuy')
}

function toSource(part: string): string {
  if (/^\s+$/u.test(part)) return String.raw`(?:\s|\\+[nrt])+`
  if (part === '<') return '(?:<|&lt;)'
  // Models and telephones write curled quotation marks where people type straight ones.
  if (/^["“”„]$/.test(part)) return String.raw`\\*["“”„]`
  if (/^['’‘]$/.test(part)) return "['’‘]"
  if (part === '\\') return String.raw`\\+`
  return part.replaceAll(/[.*+?^${}()|[\]/]/g, String.raw`\$&`)
}
