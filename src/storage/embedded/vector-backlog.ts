import type { TenantScope } from '../../domain/scope.ts'
import type { TextWithoutVector, VectorBacklog, VectorProgress } from '../contract/vector-store.ts'
import { foundByColumns, toFoundBy } from '../engine/search-rows.ts'
import { asText } from '../engine/sql-value.ts'
import {
  ownersSql,
  progressSql,
  splitOwners,
  toVectorOwners,
  toVectorProgress,
  type VectorOwnerRow,
} from '../engine/vector-owners.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import { addAgentScope, addArchiveScope } from '../engine/scope-conditions.ts'

/** Texts without a vector: only scopes whose counts differ are looked through. */
export function findWithoutVectors(
  connection: Connection,
  scope: TenantScope,
  { limit, except }: { readonly limit: number; readonly except?: readonly string[] },
): VectorBacklog {
  const { tenantId } = scope
  const owners = readOwners(connection, scope)
  const { models, wanted } = splitOwners(owners, except)
  const items: TextWithoutVector[] = []
  for (const { kind, scopeToken, model } of wanted) {
    if (items.length >= limit) break
    if (!isBehind(connection, { tenantId, scopeToken, model })) continue
    const found = connection.all(
      `SELECT d.item_id, ${foundByColumns} FROM search_documents d
       WHERE d.tenant_id = ? AND d.tenant_scope = ? AND NOT EXISTS (
         SELECT 1 FROM vectors v
         WHERE v.tenant_id = d.tenant_id AND v.item_id = d.item_id AND v.model = ?)
       ORDER BY d.document LIMIT ?`,
      tenantId,
      scopeToken,
      model,
      limit - items.length,
    )
    for (const [id, ...words] of found) {
      items.push({ kind, id: asText(id), model, foundBy: toFoundBy(words) })
    }
  }
  return { owners: owners.length, models, items }
}

function isBehind(
  connection: Connection,
  owner: { readonly tenantId: string; readonly scopeToken: string; readonly model: string },
): boolean {
  const { tenantId, scopeToken, model } = owner
  const row = connection.get(
    `SELECT 1 FROM search_scopes s LEFT JOIN vector_scopes v
       ON v.tenant_id = s.tenant_id AND v.tenant_scope = s.tenant_scope AND v.model = ?
     WHERE s.tenant_id = ? AND s.tenant_scope = ?
       AND s.document_count > coalesce(v.vector_count, 0)`,
    model,
    tenantId,
    scopeToken,
  )
  return row !== undefined
}

/** How far the vectors of each model are. */
export function listVectorProgress(
  connection: Connection,
  scope: TenantScope,
): readonly VectorProgress[] {
  const owners = readOwners(connection, scope)
  const source = `(SELECT value ->> 0 AS model, value ->> 1 AS token FROM json_each(?)) owner`
  const list = owners.map(({ model, scopeToken }) => [model, scopeToken])
  const rows = connection.all(progressSql(source), JSON.stringify(list), scope.tenantId)
  return toVectorProgress(owners, rows)
}

function readOwners(connection: Connection, scope: TenantScope): VectorOwnerRow[] {
  const { tenantId } = scope
  const [agents, archives] = [new Conditions(), new Conditions()]
  addAgentScope(agents, scope, 'a.id')
  addArchiveScope(archives, scope)
  const rows = connection.all(
    ownersSql({ agents: toFurther(agents), archives: toFurther(archives) }),
    tenantId,
    ...agents.values,
    tenantId,
    ...archives.values,
  )
  return toVectorOwners(tenantId, rows)
}

function toFurther({ sql }: Conditions): string {
  return sql === '' ? '' : ` AND ${sql}`
}
