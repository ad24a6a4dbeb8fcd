/** The most characters of a piece by default: what a search result can quote whole, and a prompt can hold several of. */
export const defaultPieceLength = 1500

/** Where a text may be cut, the best places first; each cut comes behind what the pattern finds. */
const boundaries: readonly RegExp[] = [
  // Before a heading, behind an empty line, behind a line, behind a sentence, behind a word.
  /\n(?=#{1,6}\s)/gu,
  /\n[^\S\n]*\n+/gu,
  /\n/gu,
  /[.!?…][)"'”’]*\s+|[。！？]/gu,
  /\s+/gu,
]

/**
 * A text in pieces of at most `longest` characters, cut at natural boundaries: before headings, between paragraphs, lines,
 * sentences, words, and only where there is none of these in the middle of a word. Joined, they are the text, but for blanks at
 * their ends. Pieces of blanks only are left out.
 */
export function splitText(text: string, longest: number = defaultPieceLength): readonly string[] {
  return splitAt(text, longest, 0)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '')
}

function splitAt(text: string, longest: number, level: number): readonly string[] {
  if (text.length <= longest) return [text]
  const boundary = boundaries[level]
  if (boundary === undefined) return cutHard(text, longest)
  const parts = cutBehind(text, boundary).flatMap((part) => splitAt(part, longest, level + 1))
  return joinShort(parts, longest)
}

function cutBehind(text: string, boundary: RegExp): readonly string[] {
  const parts: string[] = []
  let at = 0
  for (const match of text.matchAll(boundary)) {
    const end = match.index + match[0].length
    parts.push(text.slice(at, end))
    at = end
  }
  return [...parts, text.slice(at)]
}

/** Neighbours that fit together become one piece. */
function joinShort(parts: readonly string[], longest: number): readonly string[] {
  const joined: string[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (last !== undefined && last.length + part.length <= longest)
      joined[joined.length - 1] = last + part
    else joined.push(part)
  }
  return joined
}

/** Never between the two halves of one character. */
function cutHard(text: string, longest: number): readonly string[] {
  const pieces: string[] = []
  let at = 0
  while (at < text.length) {
    const end = Math.min(text.length, at + longest)
    const isHalf = end < text.length && /[\ud800-\udbff]/.test(text[end - 1] ?? '')
    pieces.push(text.slice(at, isHalf ? end - 1 : end))
    at = isHalf ? end - 1 : end
  }
  return pieces
}
