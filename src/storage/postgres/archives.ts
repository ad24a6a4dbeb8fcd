import { addArchiveFilter, archiveKeyset } from '../engine/archive-query.ts'
import { orderBy } from '../engine/keyset.ts'
import { archiveTable } from '../engine/archive-tables.ts'
import type { ArchiveStore } from '../contract/archive-store.ts'
import { requireAgent } from './agent-rows.ts'
import { deleteArchiveData, linkArchive, readArchive } from './archive-rows.ts'
import { Conditions } from './conditions.ts'
import { lockStructure } from './locks.ts'
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
  async createArchive(connection, scope, { archive, agentId, at }) {
    lockStructure(connection, scope.tenantId)
    if (agentId !== undefined) await requireAgent(connection, scope, agentId)
    archiveTable.insert(connection, scope.tenantId, { item: archive, engineValues: [0] })
    if (agentId !== undefined) {
      await linkArchive(connection, scope.tenantId, { agentId, archiveId: archive.id, at })
    }
    return archive
  },

  getArchive: async (connection, scope, { id }) => await readArchive(connection, scope, id),

  async listArchives(connection, scope, { name, agentId, page }) {
    const keyset = archiveKeyset(scope, page.order)
    const conditions = new Conditions()
    addArchiveFilter(conditions, scope, { name, agentId })
    await addCursors(conditions, connection, { ...keyset, after: page.after, before: page.before })
    return (
      await connection.all(
        `SELECT ${archiveTable.list('r')} FROM archives r WHERE ${conditions.sql}
         ORDER BY ${orderBy(keyset)} LIMIT ?`,
        ...conditions.values,
        page.limit,
      )
    ).map((row) => archiveTable.read(row))
  },

  async updateArchive(connection, scope, { id, at, set }) {
    await readArchive(connection, scope, id)
    archiveTable.update(connection, { tenantId: scope.tenantId, id }, { ...set, updatedAt: at })
    return await readArchive(connection, scope, id)
  },

  async deleteArchive(connection, scope, { id }) {
    lockStructure(connection, scope.tenantId)
    await readArchive(connection, scope, id)
    deleteArchiveData(connection, scope.tenantId, id)
  },

  async attachArchive(connection, scope, { agentId, archiveId, at }) {
    lockStructure(connection, scope.tenantId)
    await requireAgent(connection, scope, agentId)
    await readArchive(connection, scope, archiveId)
    await linkArchive(connection, scope.tenantId, { agentId, archiveId, at })
  },

  async detachArchive(connection, scope, { agentId, archiveId }) {
    lockStructure(connection, scope.tenantId)
    await requireAgent(connection, scope, agentId)
    connection.post(
      `DELETE FROM agent_archives WHERE tenant_id = ? AND agent_id = ? AND archive_id = ?`,
      scope.tenantId,
      agentId,
      archiveId,
    )
  },
}
