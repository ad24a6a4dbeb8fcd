import type { Connection } from './connection.ts'
import { toIndexToken } from '../engine/search-tokens.ts'
import { asInteger } from '../engine/sql-value.ts'

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
