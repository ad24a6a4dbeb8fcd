import type { SqlConnection } from './sql-connection.ts'
import { asInteger } from '../engine/sql-value.ts'

/** Reserves `count` numbers of the tenant's one growing sequence; returns the first. */
export async function takeSequence(
  connection: SqlConnection,
  tenantId: string,
  count: number,
): Promise<number> {
  const row = await connection.get(
    `INSERT INTO sequences (tenant_id, value) VALUES (?, ?)
     ON CONFLICT (tenant_id) DO UPDATE SET value = sequences.value + excluded.value RETURNING value`,
    tenantId,
    count,
  )
  return asInteger(row?.[0]) - count + 1
}
