import type { Connection } from './connection.ts'
import { takeSequence } from './sequences.ts'
import { asInteger, asText } from '../engine/sql-value.ts'

/** What is known of the vectors of one model in one agent's messages or archive. */
export interface VectorScope {
  readonly tenantId: string
  readonly scopeToken: string
  readonly model: string
  readonly dimension: number
  readonly count: number
  /** The last change. */
  readonly changed: number
  /** The last change that took something away. */
  readonly removed: number
}

/** The scope of a model, unless it has no vectors. */
export function readVectorScope(
  connection: Connection,
  key: Pick<VectorScope, 'tenantId' | 'scopeToken' | 'model'>,
): VectorScope | null {
  const row = connection.get(
    `SELECT dimension, vector_count, changed, removed FROM vector_scopes
     WHERE tenant_id = ? AND tenant_scope = ? AND model = ?`,
    key.tenantId,
    key.scopeToken,
    key.model,
  )
  if (row === undefined) return null
  return {
    ...key,
    dimension: asInteger(row[0]),
    count: asInteger(row[1]),
    changed: asInteger(row[2]),
    removed: asInteger(row[3]),
  }
}

/** How many dimensions the vectors of a model have, or null without any. */
export function readDimension(
  connection: Connection,
  tenantId: string,
  model: string,
): number | null {
  const row = connection.get(
    `SELECT dimension FROM vector_scopes WHERE tenant_id = ? AND model = ? LIMIT 1`,
    tenantId,
    model,
  )
  return row === undefined ? null : asInteger(row[0])
}

/** A vector on its way into its table. */
export interface VectorRow {
  readonly itemId: string
  readonly model: string
  readonly scopeToken: string
  readonly role: string | null
  readonly conversationId: string | null
  readonly createdAt: number
  readonly vector: Float32Array
}

/** Stores or replaces vectors and counts them. */
export function writeVectors(
  connection: Connection,
  tenantId: string,
  rows: readonly VectorRow[],
): void {
  if (rows.length === 0) return
  const changed = takeSequence(connection, tenantId, 1)
  for (const row of rows) {
    const isNew = !replaceVector(connection, { tenantId, changed, row })
    if (isNew) insertVector(connection, { tenantId, changed, row })
    connection.run(
      `INSERT INTO vector_scopes (tenant_id, tenant_scope, model, dimension, vector_count, changed,
         removed) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (tenant_id, tenant_scope, model) DO UPDATE SET
         vector_count = vector_count + excluded.vector_count, changed = excluded.changed`,
      tenantId,
      row.scopeToken,
      row.model,
      row.vector.length,
      isNew ? 1 : 0,
      changed,
      changed,
    )
  }
}

interface VectorChange {
  readonly tenantId: string
  readonly changed: number
  readonly row: VectorRow
}

function replaceVector(connection: Connection, { tenantId, changed, row }: VectorChange): boolean {
  const count = connection.run(
    `UPDATE vectors SET embedding = unhex(?), changed = ?
     WHERE tenant_id = ? AND item_id = ? AND model = ?`,
    toHex(row.vector),
    changed,
    tenantId,
    row.itemId,
    row.model,
  )
  return count > 0
}

function insertVector(connection: Connection, { tenantId, changed, row }: VectorChange): void {
  connection.run(
    `INSERT INTO vectors (tenant_id, item_id, model, tenant_scope, changed, role, conversation_id,
       created_at, embedding) VALUES (?, ?, ?, ?, ?, ?, ?, ?, unhex(?))`,
    tenantId,
    row.itemId,
    row.model,
    row.scopeToken,
    changed,
    row.role,
    row.conversationId,
    row.createdAt,
    toHex(row.vector),
  )
}

function toHex(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('hex')
}

/** Removes the vectors of some messages or passages. */
export function removeVectors(
  connection: Connection,
  tenantId: string,
  itemIds: readonly string[],
): void {
  if (itemIds.length === 0) return
  const list = JSON.stringify(itemIds)
  const scopes = connection.all(
    `SELECT tenant_scope, model, count(*) FROM vectors
     WHERE tenant_id = ? AND item_id IN (SELECT value FROM json_each(?))
     GROUP BY tenant_scope, model`,
    tenantId,
    list,
  )
  if (scopes.length === 0) return
  connection.run(
    `DELETE FROM vectors WHERE tenant_id = ? AND item_id IN (SELECT value FROM json_each(?))`,
    tenantId,
    list,
  )
  const changed = takeSequence(connection, tenantId, 1)
  for (const [scopeToken, model, count] of scopes) {
    connection.run(
      `UPDATE vector_scopes SET vector_count = vector_count - ?, changed = ?, removed = ?
       WHERE tenant_id = ? AND tenant_scope = ? AND model = ?`,
      asInteger(count),
      changed,
      changed,
      tenantId,
      asText(scopeToken),
      asText(model),
    )
    connection.run(
      `DELETE FROM vector_scopes
       WHERE tenant_id = ? AND tenant_scope = ? AND model = ? AND vector_count = 0`,
      tenantId,
      asText(scopeToken),
      asText(model),
    )
  }
}

/** Removes all vectors of a model; returns how many. */
export function removeModel(connection: Connection, tenantId: string, model: string): number {
  const count = connection.run(
    `DELETE FROM vectors WHERE tenant_id = ? AND model = ?`,
    tenantId,
    model,
  )
  connection.run(`DELETE FROM vector_scopes WHERE tenant_id = ? AND model = ?`, tenantId, model)
  return count
}

/** Removes all vectors of an agent's messages or of an archive. */
export function removeVectorScope(
  connection: Connection,
  scope: { readonly tenantId: string; readonly scopeToken: string },
): void {
  for (const table of ['vectors', 'vector_scopes']) {
    connection.run(
      `DELETE FROM ${table} WHERE tenant_id = ? AND tenant_scope = ?`,
      scope.tenantId,
      scope.scopeToken,
    )
  }
}
