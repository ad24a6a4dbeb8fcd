import { asInteger, type SqlExpression } from '../engine/sql-value.ts'
import type { SqlConnection } from './sql-connection.ts'

/** Numbers that were reserved: the database knows them at once, the caller with the answer. */
export interface ReservedSequence {
  /** Waits for the first of them; only of a transaction that was not refused. */
  first(): Promise<number>
  /** The number `index` places after the first, for the statements up to the next reservation. */
  at(index: number): SqlExpression
}

/** Reserves `count` numbers of the tenant's one growing sequence; returns the first. */
export async function takeSequence(
  connection: SqlConnection,
  tenantId: string,
  count: number,
): Promise<number> {
  return await reserveSequence(connection, tenantId, count).first()
}

/**
 * Reserves `count` numbers of the tenant's one growing sequence for statements of the same round trip. Until the
 * transaction ends every other writer of the tenant waits here, so what needs no number is sent before.
 */
export function reserveSequence(
  connection: SqlConnection,
  tenantId: string,
  count: number,
): ReservedSequence {
  const row = connection.get(
    `INSERT INTO sequences (tenant_id, value) VALUES (?, ?)
     ON CONFLICT (tenant_id) DO UPDATE SET value = sequences.value + excluded.value RETURNING value`,
    tenantId,
    count,
  )
  return {
    first: async () => asInteger((await row)?.[0]) - count + 1,
    at: (index) => ({
      sql: `(SELECT value - ? FROM sequences WHERE tenant_id = ?)`,
      values: [count - 1 - index, tenantId],
    }),
  }
}
