import { keyTable } from '../engine/access-table.ts'
import type { AccessStore } from '../contract/access-store.ts'
import { notFound } from '../engine/not-found.ts'
import type { Operations } from './operation.ts'
import { asInteger, asText } from '../engine/sql-value.ts'

const minute = 60_000

/** Operations on keys. */
export const accessOperations: Operations<keyof AccessStore> = {
  async createKey(connection, scope, { key, hash }) {
    const { tenantId: _, ...item } = key
    keyTable.insert(connection, scope.tenantId, { item, engineValues: [hash] })
    return { ...key, tenantId: scope.tenantId }
  },

  listKeys: async (connection, scope) =>
    (
      await connection.all(
        `SELECT ${keyTable.list('k')} FROM access_keys k WHERE k.tenant_id = ?
         ORDER BY k.created_at DESC, k.id DESC`,
        scope.tenantId,
      )
    ).map((row) => ({ ...keyTable.read(row), tenantId: scope.tenantId })),

  async revokeKey(connection, scope, { id, at }) {
    connection.post(
      `UPDATE access_keys SET revoked_at = ? WHERE tenant_id = ? AND id = ? AND revoked_at IS NULL`,
      at,
      scope.tenantId,
      id,
    )
    const row = await connection.get(
      `SELECT ${keyTable.list('k')} FROM access_keys k WHERE k.tenant_id = ? AND k.id = ?`,
      scope.tenantId,
      id,
    )
    if (row === undefined) throw notFound('key', id)
    return { ...keyTable.read(row), tenantId: scope.tenantId }
  },

  async findKey(connection, _scope, { hash }) {
    const row = await connection.get(
      `SELECT k.tenant_id, ${keyTable.list('k')} FROM access_keys k
       WHERE k.hash = ? AND k.revoked_at IS NULL`,
      hash,
    )
    return row === undefined ? null : { ...keyTable.read(row, 1), tenantId: asText(row[0]) }
  },

  async touchKey(connection, _scope, { id, at }) {
    connection.post(
      `UPDATE access_keys SET last_used_at = ?
       WHERE id = ? AND (last_used_at IS NULL OR last_used_at <= ?)`,
      at,
      id,
      at - minute,
    )
  },

  async countActiveKeys(connection) {
    return asInteger(
      (await connection.get(`SELECT count(*) FROM access_keys WHERE revoked_at IS NULL`))?.[0],
    )
  },
}
