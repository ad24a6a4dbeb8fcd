import { foldText, type FoldedSigns, type FoldedText } from '../../util/fold-text.ts'

/** Signs as JSON text, also within JSON text, and text that is quoted as data write them. */
const escapes = /\\+u([0-9a-fA-F]{4})|\\+([nrtbf])|\\+(["'/]?)|&(lt|gt|amp|quot|#39);/g

const mayEscape = /\\|&(?:lt|gt|amp|quot|#39);/

/** What the names of signs stand for. */
const named: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  '#39': "'",
}

/**
 * What a text may say, folded: as it stands, and, where it holds what may be escapes, as they mean. Both count: `\t` is a
 * blank in a letter and begins a name in `C:\Users\tobias`.
 */
export function readingsOf(text: string, known: FoldedSigns): readonly FoldedText[] {
  const plain = foldText(text, known)
  return mayEscape.test(text) ? [plain, foldResolved(text, known)] : [plain]
}

/** A text whose escapes are resolved, folded; with the way back to how it was written. */
function foldResolved(text: string, known: FoldedSigns): FoldedText {
  const starts: number[] = []
  const ends: number[] = []
  let resolved = ''
  const copy = (from: number, to: number): void => {
    for (let index = from; index < to; index += 1) {
      starts.push(index)
      ends.push(index + 1)
    }
    resolved += text.slice(from, to)
  }
  let at = 0
  for (const match of text.matchAll(escapes)) {
    copy(at, match.index)
    at = match.index + match[0].length
    starts.push(match.index)
    ends.push(at)
    resolved += toSign(match)
  }
  copy(at, text.length)
  const folded = foldText(resolved, known)
  return {
    text: folded.text,
    startOf: (index) => starts[folded.startOf(index)] ?? text.length,
    endOf: (index) => ends[folded.endOf(index) - 1] ?? 0,
  }
}

/** One sign, as every place of the resolved text has one. */
function toSign([, code, blank, sign, name]: RegExpMatchArray): string {
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
  if (blank !== undefined) return ' '
  if (name !== undefined) return named[name] ?? ''
  return sign === undefined || sign === '' ? '\\' : sign
}
