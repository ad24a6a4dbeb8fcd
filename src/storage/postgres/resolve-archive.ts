import type { TenantScope } from '../../domain/scope.ts'
import { requireAgent } from './agent-rows.ts'
import { archiveOfAgent, readArchive } from './archive-rows.ts'
import type { SqlConnection } from './sql-connection.ts'

/** The archive a query is about: the one named, else the agent's, which may have none. Throws `not_found`. */
export async function resolveArchive(
  connection: SqlConnection,
  scope: TenantScope,
  query: { readonly agentId?: string; readonly archiveId?: string },
): Promise<string | null> {
  if (query.archiveId !== undefined)
    return (await readArchive(connection, scope, query.archiveId)).id
  if (query.agentId === undefined) return null
  await requireAgent(connection, scope, query.agentId)
  return await archiveOfAgent(connection, scope.tenantId, query.agentId)
}
