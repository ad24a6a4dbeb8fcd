import { z } from 'zod'
import type { Passage } from '../domain/archive.ts'
import type { ArchiveDocument } from '../domain/document.ts'
import type { JsonObject } from '../util/json.ts'
import { optional } from './optional.ts'
import { encodeTime, timeSchema } from './time.ts'

/** The body of `POST /v1/agents/{id}/documents`. */
export const addDocumentSchema = z.lazy(() =>
  z.strictObject({
    /** Where the text comes from; the same text from the same place comes in once. */
    path: z.string().min(1).max(1000),
    text: z.string(),
    /** What it comes in with; all of one addition can be taken out at once. */
    addition_id: z.string().min(1).max(100),
    tags: optional(z.array(z.string().min(1).max(200)).max(100)),
    created_at: optional(timeSchema),
  }),
)

/** The answer to an addition. */
export function encodeAdded(added: {
  readonly id: string
  readonly passages: number
  readonly stored: number
  readonly redacted: number
}): JsonObject {
  return { ...added }
}

/** A document in a list. */
export function encodeDocument(document: ArchiveDocument): JsonObject {
  return {
    id: document.id,
    path: document.path,
    addition_id: document.additionId,
    tags: [...document.tags],
    passage_count: document.passageCount,
    characters: document.characters,
    created_at: encodeTime(document.createdAt),
  }
}

/** A piece of a document. */
export function encodePiece({ id, text, tags, createdAt }: Passage): JsonObject {
  return { id, text, tags: [...tags], created_at: encodeTime(createdAt) }
}
