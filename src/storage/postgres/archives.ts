import { archiveTable } from '../engine/archive-tables.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { ArchiveStore } from '../contract/archive-store.ts'
import { requireAgent } from './agent-rows.ts'
import { addArchiveScope, deleteArchiveData, linkArchive, readArchive } from './archive-rows.ts'
import { Conditions } from './conditions.ts'
import { lockStructure } from './locks.ts'
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
