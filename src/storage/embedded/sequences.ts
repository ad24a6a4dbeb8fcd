import type { Connection } from './connection.ts'
import { asInteger } from '../engine/sql-value.ts'

/** Reserves `count` numbers of the tenant's one growing sequence; returns the first. */
export function takeSequence(connection: Connection, tenantId: string, count: number): number {
  const row = connection.get(
    `INSERT INTO sequences (tenant_id, value) VALUES (?, ?)
     ON CONFLICT (tenant_id) DO UPDATE SET value = value + excluded.value RETURNING value`,
    tenantId,
    count,
  )
  return asInteger(row?.[0]) - count + 1
}
