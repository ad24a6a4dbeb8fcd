import type { SearchEntry } from '../contract/search-entry.ts'
import {
  entryColumns,
  entryPlaces,
  sessionGap,
  toEntryValues,
  toSessionLabel,
} from '../engine/search-rows.ts'
import { asInteger, asText, toExpression, type SqlExpression } from '../engine/sql-value.ts'
import type { SqlConnection } from './sql-connection.ts'
import { toTermKeys } from './term-key.ts'
import { inScope } from './text-lookups.ts'

/** A text on its way into the index. */
export interface SearchText {
  readonly tenantId: string
  /** The message or passage. */
  readonly itemId: string
  /** Orders equals: greater is newer. */
  readonly sequence: number | SqlExpression
  readonly scopeToken: string
  readonly entry: SearchEntry
  /** For filters: the role and conversation of a message, null for a passage. */
  readonly role: string | null
  readonly conversationId: string | null
  readonly createdAt: number
}

const goesOn = `(excluded.label IS NOT DISTINCT FROM search_threads.label
  AND (excluded.label IS NOT NULL OR abs(excluded.said_at - search_threads.said_at) <= ${sessionGap}))`

/** The place that a text takes in its thread; none for what tools return. */
const takenPlace = `
  INSERT INTO search_threads (tenant_id, thread, tenant_scope, place, session, label, said_at)
  SELECT ?::text, ?::text, ?::text, 0, 0, ?::text, ?::bigint WHERE ?::text IS DISTINCT FROM 'tool'
  ON CONFLICT (tenant_id, thread, tenant_scope) DO UPDATE SET
    place = search_threads.place + 1,
    session = CASE WHEN ${goesOn} THEN search_threads.session ELSE search_threads.place + 1 END,
    label = excluded.label, said_at = excluded.said_at
  RETURNING place, session`

/** Adds a text to the index and to the statistics of its scope. */
export function addDocument(connection: SqlConnection, text: SearchText): void {
  const { tenantId, scopeToken, entry } = text
  const thread = text.conversationId ?? ''
  const terms = [...entry.tokens, ...entry.speaker, ...entry.dates]
  const sequence = toExpression(text.sequence)
  connection.post(
    `WITH taken AS (${takenPlace})
     INSERT INTO search_documents (place, session, tenant_id, item_id, tenant_scope, sequence, role,
       conversation_id, created_at, thread, term_keys, ${entryColumns})
     VALUES ((SELECT place FROM taken), (SELECT session FROM taken), ?, ?, ?, ${sequence.sql}, ?, ?, ?, ?, ?,
       ${entryPlaces})`,
    tenantId,
    thread,
    scopeToken,
    toSessionLabel(entry.session),
    text.createdAt,
    text.role,
    tenantId,
    text.itemId,
    scopeToken,
    ...sequence.values,
    text.role,
    text.conversationId,
    text.createdAt,
    thread,
    toTermKeys(scopeToken, terms),
    ...toEntryValues(entry),
  )
  connection.post(
    `INSERT INTO search_scopes (tenant_id, tenant_scope, document_count, token_count)
     VALUES (?, ?, 1, ?)
     ON CONFLICT (tenant_id, tenant_scope) DO UPDATE SET
       document_count = search_scopes.document_count + 1,
       token_count = search_scopes.token_count + excluded.token_count`,
    tenantId,
    scopeToken,
    entry.tokens.length,
  )
}

/** Removes texts from the index and from the statistics; those that are not indexed are passed over. */
export function removeDocuments(
  connection: SqlConnection,
  documents: { readonly tenantId: string; readonly itemIds: readonly string[] },
): void {
  connection.post(
    `WITH gone AS (
       DELETE FROM search_documents WHERE tenant_id = ? AND item_id = ANY(?)
       RETURNING tenant_scope, token_count),
     sums AS (
       SELECT tenant_scope, count(*) AS documents, sum(token_count)::bigint AS tokens
       FROM gone GROUP BY tenant_scope)
     UPDATE search_scopes scope SET document_count = scope.document_count - sums.documents,
       token_count = scope.token_count - sums.tokens, removed = scope.removed + 1
     FROM sums WHERE scope.tenant_id = ? AND scope.tenant_scope = sums.tenant_scope`,
    documents.tenantId,
    documents.itemIds,
    documents.tenantId,
  )
}

/** Removes all texts of a scope and its statistics. */
export function removeScope(
  connection: SqlConnection,
  scope: { readonly tenantId: string; readonly scopeToken: string },
): void {
  connection.post(
    `DELETE FROM search_documents d WHERE ${inScope}`,
    scope.tenantId,
    scope.scopeToken,
  )
  for (const table of ['search_scopes', 'search_threads']) {
    connection.post(
      `DELETE FROM ${table} WHERE tenant_id = ? AND tenant_scope = ?`,
      scope.tenantId,
      scope.scopeToken,
    )
  }
}

/** Gives a text that is indexed another entry at its old place; one that is not indexed stays so. */
export async function replaceDocument(
  connection: SqlConnection,
  tenantId: string,
  { itemId, entry }: Pick<SearchText, 'itemId' | 'entry'>,
): Promise<void> {
  const row = await connection.get(
    `SELECT tenant_scope, token_count FROM search_documents WHERE tenant_id = ? AND item_id = ?`,
    tenantId,
    itemId,
  )
  if (row === undefined) return
  const scopeToken = asText(row[0])
  const terms = [...entry.tokens, ...entry.speaker, ...entry.dates]
  connection.post(
    `UPDATE search_documents SET (term_keys, ${entryColumns}) = (?::bigint[], ${entryPlaces})
     WHERE tenant_id = ? AND item_id = ?`,
    toTermKeys(scopeToken, terms),
    ...toEntryValues(entry),
    tenantId,
    itemId,
  )
  connection.post(
    `UPDATE search_scopes SET token_count = token_count + ?, removed = removed + 1
     WHERE tenant_id = ? AND tenant_scope = ?`,
    entry.tokens.length - asInteger(row[1]),
    tenantId,
    scopeToken,
  )
}
