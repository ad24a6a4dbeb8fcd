import {
  entryColumns,
  entryPlaces,
  sessionGap,
  toEntryValues,
  toSessionLabel,
} from '../engine/search-rows.ts'
import { asInteger, asText } from '../engine/sql-value.ts'
import type { SearchEntry } from '../contract/search-entry.ts'
import type { Connection } from './connection.ts'

/** A text on its way into the index. */
export interface SearchText {
  readonly tenantId: string
  /** The message or passage. */
  readonly itemId: string
  readonly scopeToken: string
  readonly entry: SearchEntry
  /** For filters: the role and conversation of a message, null for a passage. */
  readonly role: string | null
  readonly conversationId: string | null
  readonly createdAt: number
}

/** Adds a text to the index and to the statistics of its scope. */
export function addDocument(connection: Connection, text: SearchText): void {
  const { tenantId, scopeToken, entry } = text
  const [place, session] = takePlace(connection, text)
  const row = connection.get(
    `INSERT INTO search_documents (tenant_id, item_id, tenant_scope, role, conversation_id, created_at,
       thread, place, session, ${entryColumns})
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ${entryPlaces}) RETURNING document`,
    tenantId,
    text.itemId,
    scopeToken,
    text.role,
    text.conversationId,
    text.createdAt,
    threadOf(text),
    place,
    session,
    ...toEntryValues(entry),
  )
  connection.run(
    `INSERT INTO search_index (rowid, own, speaker, dates)
     SELECT document, own, speaker, dates FROM search_terms WHERE tenant_id = ? AND document = ?`,
    tenantId,
    asInteger(row?.[0]),
  )
  connection.run(
    `INSERT INTO search_scopes (tenant_id, tenant_scope, document_count, token_count)
     VALUES (?, ?, 1, ?)
     ON CONFLICT (tenant_id, tenant_scope) DO UPDATE SET
       document_count = document_count + 1, token_count = token_count + excluded.token_count`,
    tenantId,
    scopeToken,
    entry.tokens.length,
  )
}

/** The next place of a thread and the place its part begins at; nulls for what tools return. */
function takePlace(
  connection: Connection,
  text: SearchText,
): readonly [number, number] | readonly [null, null] {
  if (text.role === 'tool') return [null, null]
  const goesOn = `(excluded.label IS search_threads.label
    AND (excluded.label IS NOT NULL OR abs(excluded.said_at - search_threads.said_at) <= ${sessionGap}))`
  const row = connection.get(
    `INSERT INTO search_threads (tenant_id, thread, tenant_scope, place, session, label, said_at)
     VALUES (?, ?, ?, 0, 0, ?, ?)
     ON CONFLICT (tenant_id, thread, tenant_scope) DO UPDATE SET
       place = search_threads.place + 1,
       session = CASE WHEN ${goesOn} THEN search_threads.session ELSE search_threads.place + 1 END,
       label = excluded.label, said_at = excluded.said_at
     RETURNING place, session`,
    text.tenantId,
    threadOf(text),
    text.scopeToken,
    toSessionLabel(text.entry.session),
    text.createdAt,
  )
  return [asInteger(row?.[0]), asInteger(row?.[1])]
}

function threadOf({ conversationId }: SearchText): string {
  return conversationId ?? ''
}

/** Gives a text that is indexed another entry at its old place; one that is not indexed stays so. */
export function replaceDocument(
  connection: Connection,
  tenantId: string,
  { itemId, entry }: Pick<SearchText, 'itemId' | 'entry'>,
): void {
  const row = connection.get(
    `SELECT document, tenant_scope, token_count FROM search_documents
     WHERE tenant_id = ? AND item_id = ?`,
    tenantId,
    itemId,
  )
  if (row === undefined) return
  const document = asInteger(row[0])
  const terms = `SELECT 'delete', document, own, speaker, dates FROM search_terms WHERE tenant_id = ? AND document = ?`
  connection.run(
    `INSERT INTO search_index (search_index, rowid, own, speaker, dates) ${terms}`,
    tenantId,
    document,
  )
  connection.run(
    `UPDATE search_documents SET (${entryColumns}) = (${entryPlaces})
     WHERE tenant_id = ? AND document = ?`,
    ...toEntryValues(entry),
    tenantId,
    document,
  )
  connection.run(
    `INSERT INTO search_index (rowid, own, speaker, dates)
     SELECT document, own, speaker, dates FROM search_terms WHERE tenant_id = ? AND document = ?`,
    tenantId,
    document,
  )
  connection.run(
    `UPDATE search_scopes SET token_count = token_count + ?, removed = removed + 1
     WHERE tenant_id = ? AND tenant_scope = ?`,
    entry.tokens.length - asInteger(row[2]),
    tenantId,
    asText(row[1]),
  )
}
