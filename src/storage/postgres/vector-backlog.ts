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
import { addAgentScope, addArchiveScope } from '../engine/scope-conditions.ts'
import type { SqlConnection } from './sql-connection.ts'

/** Texts without a vector: only scopes whose counts differ are looked through. */
export async function findWithoutVectors(
  connection: SqlConnection,
  scope: TenantScope,
  { limit, except }: { readonly limit: number; readonly except?: readonly string[] },
): Promise<VectorBacklog> {
  const { tenantId } = scope
  const owners = await readOwners(connection, scope)
  const { models, wanted } = splitOwners(owners, except)
  if (wanted.length === 0) return { owners: owners.length, models, items: [] }
  const found = await connection.all(
    `SELECT owner.kind, d.item_id, owner.model, ${foundByColumns}
     FROM unnest(?::text[], ?::text[], ?::text[]) WITH ORDINALITY owner (kind, token, model, number)
     JOIN search_scopes s ON s.tenant_id = ? AND s.tenant_scope = owner.token
     LEFT JOIN vector_scopes v
       ON v.tenant_id = s.tenant_id AND v.tenant_scope = s.tenant_scope AND v.model = owner.model
     JOIN search_documents d ON (d.tenant_id = s.tenant_id) IS TRUE AND d.tenant_scope = s.tenant_scope
     WHERE s.document_count > coalesce(v.vector_count, 0) AND NOT EXISTS (
       SELECT 1 FROM vectors known WHERE known.tenant_id = d.tenant_id
         AND known.item_id = d.item_id AND known.model = owner.model)
     ORDER BY owner.number, d.sequence LIMIT ?`,
    wanted.map(({ kind }) => kind),
    wanted.map(({ scopeToken }) => scopeToken),
    wanted.map(({ model }) => model),
    tenantId,
    limit,
  )
  const items = found.map(([kind, id, model, ...words]): TextWithoutVector => ({
    kind: asText(kind) === 'message' ? 'message' : 'passage',
    id: asText(id),
    model: asText(model),
    foundBy: toFoundBy(words),
  }))
  return { owners: owners.length, models, items }
}

/** How far the vectors of each model are. */
export async function listVectorProgress(
  connection: SqlConnection,
  scope: TenantScope,
): Promise<readonly VectorProgress[]> {
  const owners = await readOwners(connection, scope)
  const rows = await connection.all(
    progressSql('unnest(?::text[], ?::text[]) owner (model, token)'),
    owners.map(({ model }) => model),
    owners.map(({ scopeToken }) => scopeToken),
    scope.tenantId,
  )
  return toVectorProgress(owners, rows)
}

async function readOwners(
  connection: SqlConnection,
  scope: TenantScope,
): Promise<VectorOwnerRow[]> {
  const { tenantId } = scope
  const [agents, archives] = [new Conditions(), new Conditions()]
  addAgentScope(agents, scope, 'a.id')
  addArchiveScope(archives, scope)
  const rows = await connection.all(
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
