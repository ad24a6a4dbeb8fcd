import type { NewVector, VectorProgress } from '../contract/vector-store.ts'
import { toScopeToken } from './search-tokens.ts'
import { asInteger, asText, type SqlRow } from './sql-value.ts'

/** An agent or archive that names an embedding model. */
export interface VectorOwnerRow {
  readonly kind: NewVector['kind']
  readonly scopeToken: string
  readonly model: string
}

/** Rows of the kind of text, the owner and the model, as {@link ownersSql} gives them. */
export function toVectorOwners(tenantId: string, rows: readonly SqlRow[]): VectorOwnerRow[] {
  return rows.map((row) => {
    const kind = asText(row[0]) === 'message' ? 'message' : 'passage'
    const ownerId = asText(row[1])
    const scope = kind === 'message' ? 'messages' : 'passages'
    const scopeToken = toScopeToken({ kind: scope, tenantId, ownerId })
    return { kind, scopeToken, model: asText(row[2]) }
  })
}

/** The models that owners name, and the owners whose texts are looked through. */
export function splitOwners(
  owners: readonly VectorOwnerRow[],
  except: readonly string[] = [],
): { readonly models: readonly string[]; readonly wanted: readonly VectorOwnerRow[] } {
  const passedOver = new Set(except)
  return {
    models: [...new Set(owners.map(({ model }) => model))],
    wanted: owners.filter(({ model }) => !passedOver.has(model)),
  }
}

/** The counts of owners, of which `source` gives the model and the token of the scope; by model, for {@link toVectorProgress}. */
export function progressSql(source: string): string {
  return `SELECT owner.model, cast(sum(s.document_count) AS BIGINT),
       cast(sum(coalesce(v.vector_count, 0)) AS BIGINT)
     FROM ${source} CROSS JOIN search_scopes s
     LEFT JOIN vector_scopes v
       ON v.tenant_id = s.tenant_id AND v.tenant_scope = s.tenant_scope AND v.model = owner.model
     WHERE s.tenant_id = ? AND s.tenant_scope = owner.token
     GROUP BY owner.model`
}

/** How far each model is that an owner names, in the order of their names. */
export function toVectorProgress(
  owners: readonly VectorOwnerRow[],
  rows: readonly SqlRow[],
): readonly VectorProgress[] {
  const counts = new Map(rows.map((row) => [asText(row[0]), row]))
  const models = new Set(owners.map(({ model }) => model))
  return [...models].toSorted().map((model) => {
    const [, texts, vectors] = counts.get(model) ?? [model, 0, 0]
    return { model, texts: asInteger(texts), vectors: asInteger(vectors) }
  })
}

/**
 * The model of the archive `r`: its own, else that of an agent it belongs to. SQLite keeps the order of a cross join; by itself it went
 * through all agents for each archive.
 */
const archiveModelSql = `coalesce(r.embedding, (
       SELECT a.embedding FROM agent_archives l CROSS JOIN agents a
       WHERE l.tenant_id = r.tenant_id AND l.archive_id = r.id
         AND a.tenant_id = l.tenant_id AND a.id = l.agent_id AND a.embedding IS NOT NULL
       ORDER BY l.agent_id LIMIT 1))`

/** The model of one archive by its tenant and id, or of one agent that has none. */
export const ownModelSql = {
  archive: `SELECT ${archiveModelSql} FROM archives r WHERE r.tenant_id = ? AND r.id = ?`,
  agent: 'SELECT a.embedding FROM agents a WHERE a.tenant_id = ? AND a.id = ?',
}

/**
 * Every agent and archive with its model; an archive that names none has that of an agent it belongs to. Conditions on
 * agents `a` and archives `r` follow the tenant's.
 */
export function ownersSql(conditions: {
  readonly agents: string
  readonly archives: string
}): string {
  return `SELECT 'message', a.id, a.embedding FROM agents a
     WHERE a.tenant_id = ? AND a.embedding IS NOT NULL${conditions.agents}
   UNION ALL SELECT 'passage', owned.id, owned.model FROM (
     SELECT r.id, ${archiveModelSql} AS model
     FROM archives r WHERE r.tenant_id = ?${conditions.archives}) owned
   WHERE owned.model IS NOT NULL`
}
