import { runTable, turnTable } from '../engine/run-tables.ts'
import type { Run, Turn } from '../../domain/run.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import { notFound } from '../engine/not-found.ts'
import { addAgentScope } from '../engine/scope-conditions.ts'
import { asJson, type SqlRow } from '../engine/sql-value.ts'

/** The columns of a whole turn, from `turns t`. */
export const turnColumns = `${turnTable.list('t')},
  (SELECT coalesce(json_agg(call.name ORDER BY call.step_number, call."index")::text, '[]') FROM tool_calls call WHERE call.tenant_id = t.tenant_id AND call.turn_id = t.id)`

/** The turn in a row of {@link turnColumns}. */
export function toTurn(row: SqlRow, offset = 0): Turn {
  return {
    ...turnTable.read(row, offset),
    toolHistory: asJson<string[]>(row[offset + turnTable.width]),
  }
}

/** A run that exists for the caller; throws `not_found`. */
export async function readRun(
  connection: SqlConnection,
  scope: TenantScope,
  id: string,
): Promise<Run> {
  const conditions = new Conditions().add('r.tenant_id = ? AND r.id = ?', scope.tenantId, id)
  addAgentScope(conditions, scope, 'r.agent_id')
  const row = await connection.get(
    `SELECT ${runTable.list('r')} FROM runs r WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  if (row === undefined) throw notFound('run', id)
  return runTable.read(row)
}

/** A turn that exists for the caller; throws `not_found`. */
export async function readTurn(
  connection: SqlConnection,
  scope: TenantScope,
  id: string,
): Promise<Turn> {
  const conditions = new Conditions().add('t.tenant_id = ? AND t.id = ?', scope.tenantId, id)
  addAgentScope(conditions, scope, 't.agent_id')
  const row = await connection.get(
    `SELECT ${turnColumns} FROM turns t WHERE ${conditions.sql}`,
    ...conditions.values,
  )
  if (row === undefined) throw notFound('turn', id)
  return toTurn(row)
}
