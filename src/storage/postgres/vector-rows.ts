import {
  asInteger,
  asOptionalInteger,
  asOptionalText,
  type SqlExpression,
} from '../engine/sql-value.ts'
import { AppError } from '../../errors/app-error.ts'
import type { SqlConnection } from './sql-connection.ts'

/** Sets our advisory locks on the vectors of a tenant apart from those of other programs. */
const vectorLocks = 5_497_854

/** The most dimensions that the index over whole, and over half, floats takes. */
const mostIndexed = { vector: 2000, halfvec: 4000 }

/** The vectors of one model in one agent's messages or archive. */
export interface VectorPlace {
  readonly tenantId: string
  readonly token: SqlExpression
  readonly model: string
}

/** What is known of them. */
export interface VectorFacts {
  /** Of the model's vectors in the whole tenant; null = there are none. */
  readonly dimension: number | null
  readonly count: number
  /** How many are in the index of large scopes. */
  readonly indexedCount: number
  /** The version of pgvector. */
  readonly version: string
}

/** Vectors whose scope is known by its token, with what is known of them. */
export interface VectorScope extends VectorFacts {
  readonly tenantId: string
  readonly scopeToken: string
  readonly model: string
}

/** Until the transaction ends, nobody else puts vectors into the tenant. Costs no round trip of its own. */
export function lockVectors(connection: SqlConnection, tenantId: string): void {
  connection.post(
    `SELECT pg_advisory_xact_lock(${vectorLocks}, hashtext(?)) AS tenant_id`,
    tenantId,
  )
}

/**
 * What is known of vectors. Rejects with `vectors_unavailable` without pgvector; statements sent after it find nothing
 * then, although the server does not know their types.
 */
export async function readVectorFacts(
  connection: SqlConnection,
  { tenantId, token, model }: VectorPlace,
): Promise<VectorFacts> {
  const row = await connection.require(
    `SELECT e.extversion,
       (SELECT s.dimension FROM vector_scopes s WHERE s.tenant_id = ? AND s.model = ? LIMIT 1)
         AS dimension,
       scope.vector_count, scope.indexed_count
     FROM pg_extension e JOIN pg_attribute a
       ON a.attrelid = 'vectors'::regclass AND a.attname = 'embedding'
     LEFT JOIN vector_scopes scope
       ON scope.tenant_id = ? AND scope.tenant_scope = ${token.sql} AND scope.model = ?
     WHERE e.extname = 'vector' AND a.atttypid = to_regtype('vector')`,
    tenantId,
    model,
    tenantId,
    ...token.values,
    model,
  )
  const version = asOptionalText(row?.[0] ?? null)
  if (version === null) throw unavailable()
  return {
    version,
    dimension: asOptionalInteger(row?.[1] ?? null),
    count: asOptionalInteger(row?.[2] ?? null) ?? 0,
    indexedCount: asOptionalInteger(row?.[3] ?? null) ?? 0,
  }
}

/** How the vectors of a dimension are cast for the index of large scopes; null when they cannot be in one. */
export function indexType(version: string, dimension: number): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major === 0 && minor < 8) return null
  if (dimension <= mostIndexed.vector) return `vector(${dimension})`
  return dimension <= mostIndexed.halfvec ? `halfvec(${dimension})` : null
}

/** A vector on its way into its table. */
export interface VectorRow {
  readonly itemId: string
  readonly role: string | null
  readonly conversationId: string | null
  readonly createdAt: number
  readonly vector: Float32Array
}

/** A vector as the server reads it. */
export function toVectorText(vector: Float32Array): string {
  return `[${vector.join(',')}]`
}

/** Stores or replaces vectors of one scope and counts them; `isIndexed` says whether new ones go into the index. */
export async function writeVectors(
  connection: SqlConnection,
  scope: VectorScope & { readonly dimension: number },
  given: { readonly rows: readonly VectorRow[]; readonly isIndexed: boolean },
): Promise<void> {
  const { tenantId, scopeToken, model, dimension } = scope
  const { rows, isIndexed } = given
  await connection.run(
    `WITH stored AS (
       INSERT INTO vectors (tenant_id, item_id, model, tenant_scope, indexed_dimension, role,
         conversation_id, created_at, embedding)
       SELECT ?, item_id, ?, ?, ?, nullif(role, ''), nullif(conversation_id, ''), created_at,
         embedding::vector
       FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[])
         given (item_id, role, conversation_id, created_at, embedding)
       ON CONFLICT (tenant_id, item_id, model) DO UPDATE SET embedding = excluded.embedding
       RETURNING xmax = 0 AS is_new, indexed_dimension)
     INSERT INTO vector_scopes (tenant_id, tenant_scope, model, dimension, vector_count,
       indexed_count)
     SELECT ?, ?, ?, ?, count(*), count(*) FILTER (WHERE indexed_dimension > 0)
     FROM stored WHERE is_new
     ON CONFLICT (tenant_id, tenant_scope, model) DO UPDATE SET
       vector_count = vector_scopes.vector_count + excluded.vector_count,
       indexed_count = vector_scopes.indexed_count + excluded.indexed_count`,
    tenantId,
    model,
    scopeToken,
    isIndexed ? dimension : 0,
    rows.map(({ itemId }) => itemId),
    rows.map(({ role }) => role ?? ''),
    rows.map(({ conversationId }) => conversationId ?? ''),
    rows.map(({ createdAt }) => createdAt),
    rows.map(({ vector }) => toVectorText(vector)),
    tenantId,
    scopeToken,
    model,
    dimension,
  )
}

/**
 * Makes the index for large scopes of a dimension if it is missing, and brings up to `count` vectors of a scope into
 * it that are not there yet.
 */
export async function indexVectors(
  connection: SqlConnection,
  scope: VectorScope & { readonly dimension: number },
  move: { readonly type: string; readonly count: number },
): Promise<void> {
  const { dimension } = scope
  const name = `vectors_near_${dimension}`
  const present = await connection.get(`SELECT to_regclass('${name}')::text`)
  if (present?.[0] === null) {
    const operators = move.type.replace(/\(.*/, '_ip_ops')
    await connection.run(
      `CREATE INDEX IF NOT EXISTS ${name} ON vectors
       USING hnsw ((embedding::${move.type}) ${operators})
       WHERE indexed_dimension = ${dimension}`,
    )
  }
  connection.post(
    `WITH moved AS (
       UPDATE vectors SET indexed_dimension = ${dimension}
       WHERE tenant_id = ? AND model = ? AND item_id IN (
         SELECT v.item_id FROM vectors v
         WHERE v.tenant_id = ? AND v.tenant_scope = ? AND v.model = ? AND v.indexed_dimension = 0
         LIMIT ?)
       RETURNING 1)
     UPDATE vector_scopes SET indexed_count = indexed_count + (SELECT count(*) FROM moved)
     WHERE tenant_id = ? AND tenant_scope = ? AND model = ?`,
    scope.tenantId,
    scope.model,
    scope.tenantId,
    scope.scopeToken,
    scope.model,
    move.count,
    scope.tenantId,
    scope.scopeToken,
    scope.model,
  )
}

/** Removes the vectors of messages or passages that were removed before, so that none can be put meanwhile. */
export function removeVectors(
  connection: SqlConnection,
  items: { readonly tenantId: string; readonly itemIds: readonly string[] },
): void {
  const { tenantId, itemIds } = items
  connection.post(
    `WITH gone AS (
       DELETE FROM vectors WHERE tenant_id = ? AND item_id = ANY(?)
       RETURNING tenant_scope, model, indexed_dimension),
     sums AS (
       SELECT tenant_scope, model, count(*) AS vectors,
         count(*) FILTER (WHERE indexed_dimension > 0) AS indexed
       FROM gone GROUP BY tenant_scope, model)
     UPDATE vector_scopes scope SET vector_count = scope.vector_count - sums.vectors,
       indexed_count = scope.indexed_count - sums.indexed
     FROM sums WHERE scope.tenant_id = ? AND scope.tenant_scope = sums.tenant_scope
       AND scope.model = sums.model`,
    tenantId,
    itemIds,
    tenantId,
  )
  connection.post(`DELETE FROM vector_scopes WHERE tenant_id = ? AND vector_count = 0`, tenantId)
}

/** Removes all vectors of an agent's messages or of an archive, which were removed before. */
export function removeVectorScope(
  connection: SqlConnection,
  scope: { readonly tenantId: string; readonly scopeToken: string },
): void {
  for (const table of ['vectors', 'vector_scopes']) {
    connection.post(
      `DELETE FROM ${table} WHERE tenant_id = ? AND tenant_scope = ?`,
      scope.tenantId,
      scope.scopeToken,
    )
  }
}

/** How many vectors of a model there are in a scope. */
export async function countScope(
  connection: SqlConnection,
  key: Pick<VectorScope, 'tenantId' | 'scopeToken' | 'model'>,
): Promise<number> {
  const row = await connection.get(
    `SELECT vector_count FROM vector_scopes
     WHERE tenant_id = ? AND tenant_scope = ? AND model = ?`,
    key.tenantId,
    key.scopeToken,
    key.model,
  )
  return row === undefined ? 0 : asInteger(row[0])
}

function unavailable(): AppError {
  return new AppError(
    'vectors_unavailable',
    'Cannot use vectors: the database has no extension named vector. Install pgvector on its server, run CREATE EXTENSION vector in the database as an administrator, and start the program again.',
  )
}
