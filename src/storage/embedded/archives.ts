import { addArchiveFilter, archiveKeyset } from '../engine/archive-query.ts'
import { orderBy } from '../engine/keyset.ts'
import { archiveTable } from '../engine/archive-tables.ts'
import type { ArchiveStore } from '../contract/archive-store.ts'
import { requireAgent } from './agent-rows.ts'
import { deleteArchiveData, linkArchive, readArchive } from './archive-rows.ts'
import { Conditions } from './conditions.ts'
import type { Operations } from './operation.ts'
import { addCursors } from './paging.ts'

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
    const keyset = archiveKeyset(scope, page.order)
    const conditions = new Conditions()
    addArchiveFilter(conditions, scope, { name, agentId })
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
