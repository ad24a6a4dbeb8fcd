import { countTokens } from '../llm/count-tokens.ts'
import { splitText } from './split-text.ts'

/** The longest text that is one passage, in tokens: what embedding models take at once. */
export const longestPassage = 8192

/** Which piece of a text a passage is. */
export interface PassagePiece {
  /** From 1. */
  readonly part: number
  readonly parts: number
}

/** A passage of a text, with its place where the text is too long for one. */
export interface SplitPassage {
  readonly text: string
  readonly piece: PassagePiece | null
}

/** A text as passages: itself, or pieces of the size of those of a document where it is too long for one. */
export function splitPassage(text: string): readonly SplitPassage[] {
  if (countTokens(text) <= longestPassage) return [{ text, piece: null }]
  const pieces = splitText(text)
  return pieces.map((each, index) => ({
    text: each,
    piece: { part: index + 1, parts: pieces.length },
  }))
}

/** What the metadata of a passage say of its place in a longer text. */
export function pieceMetadata(piece: PassagePiece | null): {
  readonly piece?: { part: number; parts: number }
} {
  return piece === null ? {} : { piece: { ...piece } }
}
