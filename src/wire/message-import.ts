import { z } from 'zod'
import type { ImportedBatch, ImportSummary } from '../domain/import.ts'
import type { JsonObject } from '../util/json.ts'
import { optional } from './optional.ts'
import { encodeTime, timeSchema } from './time.ts'

const importedMessage = z.lazy(() =>
  z.strictObject({
    role: z.enum(['user', 'assistant']),
    content: z.union([
      z.string(),
      z.array(z.strictObject({ type: z.literal('text'), text: z.string() })),
    ]),
    name: optional(z.string().min(1).max(100)),
    created_at: optional(timeSchema),
    otid: optional(z.string().min(1).max(200)),
    session: optional(z.string().min(1).max(200)),
  }),
)

/** The body of `POST /v1/agents/{id}/messages/import`. */
export const importMessagesSchema = z.lazy(() =>
  z.strictObject({
    messages: z.array(importedMessage).min(1).max(10_000),
    /** The import to add to; a new one when it is absent. */
    import_id: optional(z.string()),
  }),
)

/** A message of a history, decoded. */
export interface HistoryMessage {
  readonly role: 'user' | 'assistant'
  readonly text: string
  readonly name: string | null
  /** Epoch milliseconds; null = now. */
  readonly createdAt: number | null
  readonly otid: string | null
  readonly session: string | null
}

/** The messages of a decoded body. */
export function toHistory(
  messages: z.infer<typeof importMessagesSchema>['messages'],
): readonly HistoryMessage[] {
  return messages.map(({ role, content, name, created_at: createdAt, otid, session }) => ({
    role,
    text: typeof content === 'string' ? content : content.map(({ text }) => text).join('\n'),
    name: name ?? null,
    createdAt: createdAt ?? null,
    otid: otid ?? null,
    session: session ?? null,
  }))
}

/** The answer to an import. */
export function encodeImported(batch: ImportedBatch & { readonly redacted: number }): JsonObject {
  return {
    import_id: batch.importId,
    stored: batch.stored,
    known: batch.known,
    forgotten: batch.forgotten,
    redacted: batch.redacted,
  }
}

/** One import in a list. */
export function encodeImport({ importId, messageCount, importedAt }: ImportSummary): JsonObject {
  return {
    import_id: importId,
    origin: 'import',
    message_count: messageCount,
    imported_at: encodeTime(importedAt),
  }
}
