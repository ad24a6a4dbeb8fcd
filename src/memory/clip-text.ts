import { countTokens } from '../llm/count-tokens.ts'

/** What stands where a text was cut. */
const cutMark = '…'

/** The beginning of a text within a number of characters (code points), marked where it was cut. */
export function clipToCharacters(text: string, limit: number): string {
  // No character takes more than two units, so a short text need not be taken apart.
  if (text.length <= limit) return text
  const characters = Array.from(text.slice(0, limit * 2))
  if (characters.length <= limit) return text
  return `${characters.slice(0, Math.max(0, limit - 1)).join('')}${cutMark}`
}

/** The beginning of a text within a number of tokens, marked where it was cut. */
export function clipToTokens(text: string, limit: number): string {
  let clipped = clipToCharacters(text, limit * 6)
  while (clipped !== '' && countTokens(clipped) > limit) {
    const length = Math.floor([...clipped].length * 0.85)
    clipped = length < 2 ? '' : clipToCharacters(clipped, length)
  }
  return clipped
}

/** A text without its middle where it is longer than a number of characters. */
export function clipMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text
  const head = Math.floor(limit * 0.6)
  const left = text.slice(0, head).toWellFormed()
  const right = text.slice(text.length - (limit - head)).toWellFormed()
  return `${left}\n[${text.length - limit} characters left out here; they are stored]\n${right}`
}
