import type { TenantScope } from '../../domain/scope.ts'
import type { Conditions } from './conditions.ts'

/** Limits a query to the agents of the caller; `column` holds the agent's id. */
export function addAgentScope(conditions: Conditions, scope: TenantScope, column: string): void {
  conditions.oneOf(column, scope.agentIds)
}

/**
 * Limits a query to objects that agents share (blocks, archives): those attached to one of the caller's agents, and
 * those the caller made that are attached to nothing.
 */
export function addSharedScope(
  conditions: Conditions,
  scope: TenantScope,
  shared: { readonly alias: string; readonly links: string; readonly column: string },
): void {
  if (scope.agentIds === undefined) return
  const { alias, links, column } = shared
  const link = `SELECT 1 FROM ${links} link WHERE link.tenant_id = ${alias}.tenant_id AND link.${column} = ${alias}.id`
  conditions.add(
    `(EXISTS (${link} AND link.agent_id IN (SELECT value FROM json_each(?)))
      OR (${alias}.created_by_id = ? AND NOT EXISTS (${link})))`,
    JSON.stringify(scope.agentIds),
    scope.userId,
  )
}
