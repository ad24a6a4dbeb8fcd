/** A text as texts are compared that look or mean the same, with the way back to how it was written. */
export interface FoldedText {
  readonly text: string
  /** Where in the text as it was written the sign begins that a place of the folded one came from. */
  startOf(index: number): number
  /** Where in the text as it was written the stretch ends that ends at a place of the folded one, unseen signs included. */
  endOf(index: number): number
}

/** A stretch that keeps its place, or one sign with the marks on it. */
const stretch = /[\0-\x7f]+|[^\0-\x7f]\p{M}*/gu

/** Signs that nobody sees, such as soft hyphens, and blanks without a width. */
const unseen = /\p{Default_Ignorable_Code_Point}/gu

/** What joins several emoji to one; between other signs nobody sees it. */
const joiner = '\u{200d}'
const emoji = /\p{Extended_Pictographic}/uy

/** A dot that small letters have anyway: capitals of Turkish keep it as a sign of its own. */
const dot = '\u{307}'

/** Signs that were folded before, with what became of them. */
export type FoldedSigns = Map<string, string>

/**
 * A text without what only its writing tells: capitals (`Straße` and `STRASSE`), compatibility forms (`ﬁ`, `１`), accents as
 * signs of their own, signs that nobody sees, and the many kinds of dashes, quotation marks and apostrophes. Who folds many
 * texts keeps `known`, which is filled; default: a new one.
 */
export function foldText(text: string, known: FoldedSigns = new Map()): FoldedText {
  if (/^[\0-\x7f]*$/.test(text)) {
    return { text: text.toLowerCase(), startOf: (index) => index, endOf: (index) => index }
  }
  const starts: number[] = []
  const ends: number[] = []
  let folded = ''
  const fold = (part: string, end: number): string => {
    if (part === joiner && isEmoji(text, end)) return part
    const found = known.get(part) ?? foldPart(part)
    known.set(part, found)
    return found
  }
  for (const { 0: part, index } of text.matchAll(stretch)) {
    const end = index + part.length
    const isPlain = part.charCodeAt(0) < 0x80
    const next = isPlain ? part.toLowerCase() : withoutDot(folded, fold(part, end))
    for (let offset = 0; offset < next.length; offset += 1) {
      starts.push(isPlain ? index + offset : index)
      ends.push(isPlain ? index + offset + 1 : end)
    }
    if (next === '' && ends.length > 0) ends[ends.length - 1] = end
    folded += next
  }
  return {
    text: folded,
    startOf: (index) => starts[index] ?? text.length,
    endOf: (index) => ends[index - 1] ?? 0,
  }
}

/** A text as people see it: compatibility forms as the signs they stand for, nothing that is not seen. */
export function seenText(text: string): string {
  return text.normalize('NFKC').replaceAll(unseen, '')
}

function isEmoji(text: string, at: number): boolean {
  emoji.lastIndex = at
  return emoji.test(text)
}

/** Small letters of capitals of small letters: the one way to bring `ẞ`, `ß` and `SS` together. */
function foldPart(part: string): string {
  return part
    .replaceAll(/[’‘‛ʼ´]/gu, "'")
    .replaceAll(/[“”„‟]/gu, '"')
    .replaceAll(/[\p{Pd}\u{2212}]/gu, '-')
    .normalize('NFKD')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(unseen, '')
    .replaceAll(`i${dot}`, 'i')
}

function withoutDot(before: string, next: string): string {
  return next.startsWith(dot) && before.endsWith('i') ? next.slice(1) : next
}
