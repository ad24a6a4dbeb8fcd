import type { TenantScope } from '../../domain/scope.ts'
import type { QueryConditions } from './query-conditions.ts'

/** Limits a query to the agents of the caller; `column` holds the agent's id. */
export function addAgentScope<Value>(
  conditions: QueryConditions<Value>,
  scope: TenantScope,
  column: string,
): void {
  conditions.oneOf(column, scope.agentIds)
}

/** Limits a query over `blocks b` to those that exist for the caller. */
export function addBlockScope<Value>(conditions: QueryConditions<Value>, scope: TenantScope): void {
  addSharedScope(conditions, scope, { alias: 'b', links: 'agent_blocks', column: 'block_id' })
}

/** Limits a query over `archives r` to those that exist for the caller. */
export function addArchiveScope<Value>(
  conditions: QueryConditions<Value>,
  scope: TenantScope,
): void {
  addSharedScope(conditions, scope, { alias: 'r', links: 'agent_archives', column: 'archive_id' })
}

/**
 * Limits a query to objects that agents share: those attached to one of the caller's agents, and those the caller made
 * that are attached to nothing.
 */
function addSharedScope<Value>(
  conditions: QueryConditions<Value>,
  scope: TenantScope,
  shared: { readonly alias: string; readonly links: string; readonly column: string },
): void {
  if (scope.agentIds === undefined) return
  const { alias, links, column } = shared
  const link = `SELECT 1 FROM ${links} link WHERE link.tenant_id = ${alias}.tenant_id AND link.${column} = ${alias}.id`
  const isOurs = conditions.dialect.isAmong('link.agent_id', scope.agentIds)
  conditions.add(
    `(EXISTS (${link} AND ${isOurs.sql})
      OR (${alias}.created_by_id = ? AND NOT EXISTS (${link})))`,
    ...isOurs.values,
    scope.userId,
  )
}
