import { archiveTable } from '../engine/archive-tables.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { ArchiveStore } from '../contract/archive-store.ts'
import { requireAgent } from './agent-rows.ts'
import { addArchiveScope, deleteArchiveData, linkArchive, readArchive } from './archive-rows.ts'
import { Conditions } from './conditions.ts'
import type { Operations } from './operation.ts'
import { addCursors, orderBy, type Keyset } from './paging.ts'

/** Operations on archives as a whole. */
export const archiveOperations: Operations<
  Extract<
    keyof ArchiveStore,
    | 'createArchive'
    | 'getArchive'
    | 'listArchives'
    | 'updateArchive'
    | 'deleteArchive'
    | 'attachArchive'
    | 'detachArchive'
  >
> = {
  createArchive(connection, scope, { archive, agentId, at }) {
    if (agentId !== undefined) requireAgent(connection, scope, agentId)
    archiveTable.insert(connection, scope.tenantId, { item: archive, engineValues: [0] })
    if (agentId !== undefined) {
      linkArchive(connection, scope.tenantId, { agentId, archiveId: archive.id, at })
    }
    return archive
  },

  getArchive: (connection, scope, { id }) => readArchive(connection, scope, id),

  listArchives(connection, scope, { name, agentId, page }) {
    const keyset: Keyset = {
      kind: 'archive',
      tenantId: scope.tenantId,
      from: 'archives r',
      keys: ['r.created_at', 'r.id'],
      id: 'r.id',
      order: page.order,
      unknown: 'reject',
    }
    const conditions = archiveConditions(scope, { name, agentId })
    addCursors(conditions, connection, { ...keyset, after: page.after, before: page.before })
    return connection
      .all(
        `SELECT ${archiveTable.list('r')} FROM archives r WHERE ${conditions.sql}
         ORDER BY ${orderBy(keyset)} LIMIT ?`,
        ...conditions.values,
        page.limit,
      )
      .map((row) => archiveTable.read(row))
  },

  updateArchive(connection, scope, { id, at, set }) {
    readArchive(connection, scope, id)
    archiveTable.update(connection, { tenantId: scope.tenantId, id }, { ...set, updatedAt: at })
    return readArchive(connection, scope, id)
  },

  deleteArchive(connection, scope, { id }) {
    readArchive(connection, scope, id)
    deleteArchiveData(connection, scope.tenantId, id)
  },

  attachArchive(connection, scope, { agentId, archiveId, at }) {
    requireAgent(connection, scope, agentId)
    readArchive(connection, scope, archiveId)
    linkArchive(connection, scope.tenantId, { agentId, archiveId, at })
  },

  detachArchive(connection, scope, { agentId, archiveId }) {
    requireAgent(connection, scope, agentId)
    connection.run(
      `DELETE FROM agent_archives WHERE tenant_id = ? AND agent_id = ? AND archive_id = ?`,
      scope.tenantId,
      agentId,
      archiveId,
    )
  },
}

function archiveConditions(
  scope: TenantScope,
  filter: { readonly name: string | undefined; readonly agentId: string | undefined },
): Conditions {
  const conditions = new Conditions()
    .add('r.tenant_id = ?', scope.tenantId)
    .equal('r.name', filter.name)
  addArchiveScope(conditions, scope)
  if (filter.agentId !== undefined) {
    conditions.add(
      `EXISTS (SELECT 1 FROM agent_archives own WHERE own.tenant_id = r.tenant_id
        AND own.archive_id = r.id AND own.agent_id = ?)`,
      filter.agentId,
    )
  }
  return conditions
}
