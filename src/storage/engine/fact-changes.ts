import type { StatedFact } from '../../domain/fact.ts'
import type { NewFact } from '../contract/fact-store.ts'
import { factEngineValues, factTable } from './fact-table.ts'
import type { SqlExpression, SqlRow } from './sql-value.ts'
import type { ChangeTarget } from './table.ts'

const columns = factTable.list('f')

/** The query for a fact of an agent as it is known now. */
export function selectKnownFact(
  { tenantId, agentId }: { readonly tenantId: string; readonly agentId: string },
  id: string,
): SqlExpression {
  return {
    sql: `SELECT ${columns} FROM facts f
     WHERE f.tenant_id = ? AND f.agent_id = ? AND f.id = ? AND f.closed_at IS NULL`,
    values: [tenantId, agentId, id],
  }
}

/** The query for what a fact was at a version. */
export function selectFactVersion(
  tenantId: string,
  { id, version }: { readonly id: string; readonly version: number },
): SqlExpression {
  return {
    sql: `SELECT ${columns} FROM facts f WHERE f.tenant_id = ? AND f.id = ? AND f.version = ?`,
    values: [tenantId, id, version],
  }
}

/** The fact in a row of these queries, or null. */
export function toFactOrNull(row: SqlRow | undefined): StatedFact | null {
  return row === undefined ? null : factTable.read(row)
}

/** The query that finds a row when a fact is known by its id, or stated in the same words for the same time. */
export function selectSameFact(tenantId: string, fact: NewFact): SqlExpression {
  return {
    sql: `SELECT 1 FROM facts f WHERE f.tenant_id = ? AND f.id = ? AND f.closed_at IS NULL
     UNION ALL SELECT 1 FROM facts f WHERE f.tenant_id = ? AND f.agent_id = ? AND f.slot = ?
       AND f.value_key = ? AND f.valid_from = ? AND f.closed_at IS NULL LIMIT 1`,
    values: [tenantId, fact.id, tenantId, fact.agentId, fact.slot, fact.valueKey, fact.validFrom],
  }
}

/** The query for the last version that was recorded of a fact, null without any: one that comes back goes on counting. */
export function selectLastFactVersion(tenantId: string, id: string): SqlExpression {
  return {
    sql: `SELECT max(c.version) FROM memory_changes c WHERE c.tenant_id = ? AND c.item_id = ?`,
    values: [tenantId, id],
  }
}

/** Stores a version of a fact with its sources. */
export function insertFactVersion(target: ChangeTarget, tenantId: string, fact: StatedFact): void {
  factTable.insert(target, tenantId, { item: fact, engineValues: factEngineValues(fact) })
  for (const messageId of new Set(fact.sourceMessageIds)) {
    target.post(
      `INSERT INTO fact_sources (tenant_id, message_id, fact_id) VALUES (?, ?, ?)
       ON CONFLICT DO NOTHING`,
      tenantId,
      messageId,
      fact.id,
    )
  }
}

/** Ends a version of a fact: it is known no longer. */
export function closeFactVersion(
  target: ChangeTarget,
  tenantId: string,
  { fact, at }: { readonly fact: StatedFact; readonly at: number },
): void {
  target.post(
    `UPDATE facts SET closed_at = ? WHERE tenant_id = ? AND id = ? AND version = ?`,
    at,
    tenantId,
    fact.id,
    fact.version,
  )
}

/** Removes all facts of an agent and what is recorded of them, but not what they are found by. */
export function deleteFactRows(target: ChangeTarget, tenantId: string, agentId: string): void {
  target.post(
    `DELETE FROM fact_sources WHERE tenant_id = ? AND fact_id IN (
       SELECT f.id FROM facts f WHERE f.tenant_id = ? AND f.agent_id = ?)`,
    tenantId,
    tenantId,
    agentId,
  )
  target.post(`DELETE FROM facts WHERE tenant_id = ? AND agent_id = ?`, tenantId, agentId)
  target.post(`DELETE FROM memory_changes WHERE tenant_id = ? AND owner_id = ?`, tenantId, agentId)
}

/** Removes the versions of a fact that are known no longer, and its sources when it is itself. */
export function deleteClosedFacts(target: ChangeTarget, tenantId: string, id: string): void {
  target.post(
    `DELETE FROM facts WHERE tenant_id = ? AND id = ? AND closed_at IS NOT NULL`,
    tenantId,
    id,
  )
  target.post(
    `DELETE FROM fact_sources WHERE tenant_id = ? AND fact_id = ? AND NOT EXISTS (
       SELECT 1 FROM facts f WHERE f.tenant_id = ? AND f.id = ?)`,
    tenantId,
    id,
    tenantId,
    id,
  )
}
