import type { Connection } from './connection.ts'
import { asInteger, asText } from '../engine/sql-value.ts'

/**
 * From how many removed texts on, and from what share of the index on, it is faster to remove them the quick way and
 * write the index anew than to cut each out of it. Measured: 0.4 ms for each cut, 0.06 ms for each quick removal,
 * 0.004 ms for each text written anew.
 */
const fewestForRewrite = 200
const shareForRewrite = 1 / 80

/** Removes the texts of some messages or passages from the index and from the statistics of their scopes. */
export function removeDocuments(
  connection: Connection,
  tenantId: string,
  itemIds: readonly string[],
): void {
  if (itemIds.length === 0) return
  const list = JSON.stringify(itemIds)
  const rows = connection.all(
    `SELECT document FROM search_documents
     WHERE tenant_id = ? AND item_id IN (SELECT value FROM json_each(?))`,
    tenantId,
    list,
  )
  const documents = rows.map(([document]) => asInteger(document))
  if (documents.length === 0) return
  const scopes = connection.all(
    `SELECT tenant_scope, count(*), sum(token_count) FROM search_documents
     WHERE tenant_id = ? AND item_id IN (SELECT value FROM json_each(?)) GROUP BY tenant_scope`,
    tenantId,
    list,
  )
  for (const [scopeToken, documentCount, tokenCount] of scopes) {
    connection.run(
      `UPDATE search_scopes SET document_count = document_count - ?, token_count = token_count - ?,
         removed = removed + 1
       WHERE tenant_id = ? AND tenant_scope = ?`,
      asInteger(documentCount),
      asInteger(tokenCount),
      tenantId,
      asText(scopeToken),
    )
  }
  remove(connection, tenantId, documents)
}

/** Removes all texts of a scope and its statistics. */
export function removeScope(
  connection: Connection,
  scope: { readonly tenantId: string; readonly scopeToken: string },
): void {
  const rows = connection.all(
    `SELECT document FROM search_documents WHERE tenant_id = ? AND tenant_scope = ?`,
    scope.tenantId,
    scope.scopeToken,
  )
  const documents = rows.map(([document]) => asInteger(document))
  if (documents.length > 0) remove(connection, scope.tenantId, documents)
  for (const table of ['search_scopes', 'search_threads']) {
    connection.run(
      `DELETE FROM ${table} WHERE tenant_id = ? AND tenant_scope = ?`,
      scope.tenantId,
      scope.scopeToken,
    )
  }
}

function remove(connection: Connection, tenantId: string, documents: readonly number[]): void {
  const list = JSON.stringify(documents)
  const rewrites = isRewriteFaster(connection, documents.length)
  if (rewrites) cutEach(connection, false)
  connection.run(
    `INSERT INTO search_index (search_index, rowid, own, speaker, dates)
     SELECT 'delete', document, own, speaker, dates FROM search_terms
     WHERE tenant_id = ? AND document IN (SELECT value FROM json_each(?))`,
    tenantId,
    list,
  )
  connection.run(
    `DELETE FROM search_documents
     WHERE tenant_id = ? AND document IN (SELECT value FROM json_each(?))`,
    tenantId,
    list,
  )
  if (!rewrites) return
  connection.exec(`INSERT INTO search_index (search_index) VALUES ('optimize')`)
  cutEach(connection, true)
}

/** Looks at the size of the whole index, of all tenants: a property of the file, not of anybody's data. */
function isRewriteFaster(connection: Connection, count: number): boolean {
  if (count < fewestForRewrite) return false
  const row = connection.get('SELECT max(document) FROM search_documents')
  return count > asInteger(row?.[0]) * shareForRewrite
}

/** Whether a removed text is cut out of the index at once, or only marked until the index is written anew. */
function cutEach(connection: Connection, isOn: boolean): void {
  connection.exec(
    `INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', ${isOn ? 1 : 0})`,
  )
}
