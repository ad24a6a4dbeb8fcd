import type { TenantScope } from '../../domain/scope.ts'
import { requireAgent } from './agent-rows.ts'
import { archiveOfAgent, readArchive } from './archive-rows.ts'
import type { Connection } from './connection.ts'

/** The archive a query is about: the one named, else the agent's, which may have none. Throws `not_found`. */
export function resolveArchive(
  connection: Connection,
  scope: TenantScope,
  query: { readonly agentId?: string; readonly archiveId?: string },
): string | null {
  if (query.archiveId !== undefined) return readArchive(connection, scope, query.archiveId).id
  if (query.agentId === undefined) return null
  requireAgent(connection, scope, query.agentId)
  return archiveOfAgent(connection, scope.tenantId, query.agentId)
}
