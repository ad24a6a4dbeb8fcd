import type { Passage } from '../domain/archive.ts'
import { isTrusted } from '../domain/fact.ts'

const dayMs = 24 * 60 * 60_000

/** Whether a passage is a piece of a document or of a text too long for one passage, with whose others it stays. */
export function isPiece({ metadata }: Passage): boolean {
  return 'document' in metadata || 'piece' in metadata
}

/**
 * Equal for passages of one archive about the same day that are trusted alike: of others the same words are no repetition,
 * as the same may happen every day.
 */
export function comparableGroup({ archiveId, createdAt, origin }: Passage): string {
  return `${archiveId} ${Math.floor(createdAt / dayMs)} ${isTrusted(origin)}`
}
