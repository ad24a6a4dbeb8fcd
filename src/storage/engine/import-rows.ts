import type { ImportedBatch } from '../../domain/import.ts'
import { AppError } from '../../errors/app-error.ts'
import type { NewMessage } from '../contract/new-message.ts'
import { asInteger, asText, type SqlExpression, type SqlRow } from './sql-value.ts'

/** An otid that an agent has imported before. */
export interface KnownOtid {
  /** Null = the import was forgotten as a whole. */
  readonly importId: string | null
  /** Whether its message was forgotten. */
  readonly isForgotten: boolean
}

/** The columns of `imported_messages known` that tell of an otid: {@link toKnownOtids} reads them. */
export const knownOtidColumns = `known.otid, known.conversation_id, (
  SELECT count(*) FROM messages m WHERE m.tenant_id = known.tenant_id AND m.id = known.message_id)`

/** What is known of otids, by otid, in the order of the rows. */
export function toKnownOtids(rows: readonly SqlRow[]): ReadonlyMap<string, KnownOtid> {
  return new Map(
    rows.map(([otid, importId, messages]) => [
      asText(otid),
      { importId: asText(importId) || null, isForgotten: asInteger(messages) === 0 },
    ]),
  )
}

/** The messages that are new, each otid once, how many are not, and which import has those. */
export function leaveOutKnown(
  messages: readonly NewMessage[],
  known: ReadonlyMap<string, KnownOtid>,
): Omit<ImportedBatch, 'stored'> & { readonly fresh: readonly NewMessage[] } {
  const seen = new Set(known.keys())
  const fresh = messages.filter(({ message }) => {
    const isFresh = !seen.has(message.otid)
    seen.add(message.otid)
    return isFresh
  })
  const given = [...known.values()]
  return {
    fresh,
    known: messages.length - fresh.length,
    forgotten: given.filter(({ isForgotten }) => isForgotten).length,
    importId: given.find(({ importId }) => importId !== null)?.importId ?? null,
  }
}

/**
 * Keeps the keys of imported messages that were forgotten before their conversation goes, so that they stay away when they
 * are imported again.
 */
export function keepForgottenKeys(tenantId: string, conversationId: string): SqlExpression {
  return {
    sql: `UPDATE imported_messages SET conversation_id = ''
      WHERE tenant_id = ? AND conversation_id = ? AND NOT EXISTS (SELECT 1 FROM messages m
        WHERE m.tenant_id = imported_messages.tenant_id AND m.id = imported_messages.message_id)`,
    values: [tenantId, conversationId],
  }
}

/** There is no such import of the agent. */
export function importNotFound(importId: string): AppError {
  return new AppError(
    'not_found',
    `Cannot find the import ${importId}: the agent has none with this id. List its imports.`,
  )
}

/** Somebody talks in the conversation of the import. */
export function importIsRunning(importId: string): AppError {
  return new AppError(
    'conflict',
    `Cannot add to the import ${importId}: a turn runs in its conversation. Try again when it has ended, or begin another import.`,
  )
}
