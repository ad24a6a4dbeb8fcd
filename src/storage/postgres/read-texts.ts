import type { TenantScope } from '../../domain/scope.ts'
import type { ScopeVersion, TextPage, TextRead } from '../contract/search-store.ts'
import { documentColumns, documentWidth, toTextPage, withoutTexts } from '../engine/search-rows.ts'
import { asInteger, asText, type SqlRow } from '../engine/sql-value.ts'
import { packedSql, unpack } from './packed-rows.ts'
import type { SqlConnection, SqlValue } from './sql-connection.ts'
import { findTextScope, type TextScope } from './text-scope.ts'
import { Conditions } from './conditions.ts'
import { selectTagged } from '../engine/search-filter.ts'

/** The texts of a scope, in one round trip. */
export async function readTexts(
  connection: SqlConnection,
  scope: TenantScope,
  input: TextRead,
): Promise<TextPage> {
  const { tenantId } = scope
  const source = findTextScope(connection, scope, input.owner)
  const [, first, tagged] = await Promise.all([
    source.isThere,
    readPage(connection, { tenantId, source }, input),
    readTagged(connection, { tenantId, source }, input),
  ])
  if (first === undefined) return withoutTexts(0)
  const [documentCount, removed] = [asInteger(first[0]), asInteger(first[1])]
  if (documentCount === 0 || documentCount > input.completeUpTo) return withoutTexts(documentCount)
  const counts = { documentCount, removed, scopeToken: asText(first[2]), tagged }
  return toTextPage(input, counts, unpack(first.slice(3)))
}

interface Place {
  readonly tenantId: string
  readonly source: TextScope
}

/** What nothing in the database is equal to. */
const nothingKnown: ScopeVersion = {
  scopeToken: '',
  removed: -1,
  documentCount: -1,
  lastSequence: 0,
}

/** The counts of a scope, then the texts after those that are known, each column as one list; as one statement sees them. */
async function readPage(
  connection: SqlConnection,
  { tenantId, source }: Place,
  { known, completeUpTo, limit }: TextRead,
): Promise<SqlRow | undefined> {
  const held = known ?? nothingKnown
  const version: SqlValue[] = [held.scopeToken, held.removed]
  const isHeld = 'scope.tenant_scope = ? AND scope.removed = ?'
  const texts = `SELECT d.sequence, 1, ${documentColumns} FROM search_documents d
     WHERE (d.tenant_id = ?) IS TRUE AND d.tenant_scope = scope.tenant_scope AND scope.document_count <= ?
       AND NOT (${isHeld} AND scope.document_count = ?)
       AND d.sequence > CASE WHEN ${isHeld} THEN ?::bigint ELSE 0 END
     ORDER BY d.sequence LIMIT ?`
  return await connection.get(
    `SELECT scope.document_count, scope.removed, scope.tenant_scope, texts.* FROM search_scopes scope
     CROSS JOIN LATERAL (${packedSql(documentWidth, texts)}) texts
     WHERE scope.tenant_id = ? AND scope.tenant_scope = ${source.token.sql}`,
    tenantId,
    completeUpTo,
    ...version,
    held.documentCount,
    ...version,
    held.lastSequence,
    limit,
    tenantId,
    ...source.token.values,
  )
}

/** The passages with the tags that are asked for; null when any will do. */
async function readTagged(
  connection: SqlConnection,
  { tenantId, source }: Place,
  input: Pick<TextRead, 'tags' | 'tagMatch'>,
): Promise<readonly string[] | null> {
  const query = selectTagged(new Conditions(), { tenantId, archive: source.archiveId, input })
  if (query === null) return null
  const rows = await connection.all(query.sql, ...query.values)
  return rows.map(([id]) => asText(id))
}
