/** A text of somebody's that lies in an archive in pieces: a file, a page, what came from standard input. */
export interface ArchiveDocument {
  /** `document-<uuid4>`, made of the archive, the path and the content: the same text comes in once. */
  readonly id: string
  /** Where it came from, as its bringer says. */
  readonly path: string
  /** What it was brought in with, such as all files of a folder. */
  readonly additionId: string
  readonly tags: readonly string[]
  /** How many pieces it has, and how many characters they have together. */
  readonly passageCount: number
  readonly characters: number
  /** The time the text is about, in epoch milliseconds. */
  readonly createdAt: number
}

/** What the passages of a document keep in their metadata, under `document`. */
export interface DocumentPart {
  readonly id: string
  readonly path: string
  readonly added: string
  /** From 1. */
  readonly part: number
  readonly parts: number
}
