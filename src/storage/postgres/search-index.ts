import { toIndexToken } from '../engine/search-tokens.ts'
import { toExpression, type SqlExpression } from '../engine/sql-value.ts'
import type { SqlConnection } from './sql-connection.ts'
import { toTermKeys } from './term-key.ts'

/** A text on its way into the index. */
export interface SearchDocument {
  readonly tenantId: string
  /** The message or passage. */
  readonly itemId: string
  /** Orders equals: greater is newer. */
  readonly sequence: number | SqlExpression
  readonly scopeToken: string
  readonly tokens: readonly string[]
  /** For filters: the role and conversation of a message, null for a passage. */
  readonly role: string | null
  readonly conversationId: string | null
  readonly createdAt: number
}

/** Adds a text to the index and to the statistics of its scope. */
export function addDocument(connection: SqlConnection, document: SearchDocument): void {
  const { tenantId, scopeToken, tokens } = document
  const sequence = toExpression(document.sequence)
  connection.post(
    `INSERT INTO search_documents (tenant_id, item_id, tenant_scope, sequence, tokens, term_keys,
       token_count, role, conversation_id, created_at)
     VALUES (?, ?, ?, ${sequence.sql}, ?, ?, ?, ?, ?, ?)`,
    tenantId,
    document.itemId,
    scopeToken,
    ...sequence.values,
    tokens.map(toIndexToken).join(' '),
    toTermKeys(scopeToken, tokens),
    tokens.length,
    document.role,
    document.conversationId,
    document.createdAt,
  )
  connection.post(
    `INSERT INTO search_scopes (tenant_id, tenant_scope, document_count, token_count)
     VALUES (?, ?, 1, ?)
     ON CONFLICT (tenant_id, tenant_scope) DO UPDATE SET
       document_count = search_scopes.document_count + 1,
       token_count = search_scopes.token_count + excluded.token_count`,
    tenantId,
    scopeToken,
    tokens.length,
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
       token_count = scope.token_count - sums.tokens
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
  for (const table of ['search_documents', 'search_scopes']) {
    connection.post(
      `DELETE FROM ${table} WHERE tenant_id = ? AND tenant_scope = ?`,
      scope.tenantId,
      scope.scopeToken,
    )
  }
}
