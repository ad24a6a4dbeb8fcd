import type { Connection } from './connection.ts'
import { toIndexToken } from './search-tokens.ts'
import { asInteger } from './sql-value.ts'

/** A text on its way into the index. */
export interface SearchDocument {
  readonly tenantId: string
  /** The message or passage. */
  readonly itemId: string
  readonly scopeToken: string
  readonly tokens: readonly string[]
  /** For filters: the role and conversation of a message, null for a passage. */
  readonly role: string | null
  readonly conversationId: string | null
  readonly createdAt: number
}

/** Adds a text to the index and to the statistics of its scope. */
export function addDocument(connection: Connection, document: SearchDocument): void {
  const { tenantId, scopeToken, tokens } = document
  const row = connection.get(
    `INSERT INTO search_documents (tenant_id, item_id, tenant_scope, tokens, token_count, role,
       conversation_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING document`,
    tenantId,
    document.itemId,
    scopeToken,
    tokens.map(toIndexToken).join(' '),
    tokens.length,
    document.role,
    document.conversationId,
    document.createdAt,
  )
  connection.run(
    `INSERT INTO search_index (rowid, tenant_scope, tokens)
     SELECT document, tenant_scope, tokens FROM search_documents
     WHERE tenant_id = ? AND document = ?`,
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
    tokens.length,
  )
}

/** Removes one text from the index and from the statistics; nothing happens when it was not indexed. */
export function removeDocument(
  connection: Connection,
  document: { readonly tenantId: string; readonly itemId: string },
): void {
  const { tenantId, itemId } = document
  const row = connection.get(
    `SELECT tenant_scope, token_count FROM search_documents WHERE tenant_id = ? AND item_id = ?`,
    tenantId,
    itemId,
  )
  if (row === undefined) return
  connection.run(
    `INSERT INTO search_index (search_index, rowid, tenant_scope, tokens)
     SELECT 'delete', document, tenant_scope, tokens FROM search_documents
     WHERE tenant_id = ? AND item_id = ?`,
    tenantId,
    itemId,
  )
  connection.run(
    `DELETE FROM search_documents WHERE tenant_id = ? AND item_id = ?`,
    tenantId,
    itemId,
  )
  connection.run(
    `UPDATE search_scopes SET document_count = document_count - 1, token_count = token_count - ?
     WHERE tenant_id = ? AND tenant_scope = ?`,
    row[1] === undefined ? 0 : asInteger(row[1]),
    tenantId,
    row[0] === undefined ? '' : String(row[0]),
  )
}

/** Removes all texts of a scope and its statistics. */
export function removeScope(
  connection: Connection,
  scope: { readonly tenantId: string; readonly scopeToken: string },
): void {
  const items = connection.all(
    `SELECT item_id FROM search_index JOIN search_documents ON document = search_index.rowid
     WHERE search_index MATCH ? AND tenant_id = ?`,
    `tenant_scope:${scope.scopeToken}`,
    scope.tenantId,
  )
  for (const [itemId] of items) {
    removeDocument(connection, { tenantId: scope.tenantId, itemId: String(itemId) })
  }
  connection.run(
    `DELETE FROM search_scopes WHERE tenant_id = ? AND tenant_scope = ?`,
    scope.tenantId,
    scope.scopeToken,
  )
}
