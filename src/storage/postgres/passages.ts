import { addArchiveScope } from '../engine/scope-conditions.ts'
import { passageKeyset } from '../engine/archive-query.ts'
import { orderBy } from '../engine/keyset.ts'
import { passageTable, untrustedPassage } from '../engine/archive-tables.ts'
import type { Passage } from '../../domain/archive.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { ArchiveStore, NewPassages, PassageListQuery } from '../contract/archive-store.ts'
import { requireAgent } from './agent-rows.ts'
import {
  archiveOfAgent,
  ensureArchive,
  insertPassages,
  readArchive,
  removePassage,
} from './archive-rows.ts'
import { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import { vectorsOf } from '../engine/new-passages.ts'
import { callerCause, passageRecord } from '../engine/memory-records.ts'
import { notFound } from '../engine/not-found.ts'
import { recordChanges } from './memory-changes.ts'
import { keepPassage } from './memory-writes.ts'
import { lockStructure } from './locks.ts'
import type { Operations } from './operation.ts'
import { addCursors } from './paging.ts'
import { resolveArchive } from './resolve-archive.ts'
import { vectorOperations } from './vectors.ts'
import { asInteger, asText, toExpression, type SqlExpression } from '../engine/sql-value.ts'

/** Operations on passages. */
export const passageOperations: Operations<
  Extract<
    keyof ArchiveStore,
    | 'createPassages'
    | 'listPassages'
    | 'getPassages'
    | 'deletePassage'
    | 'countPassages'
    | 'listPassageTags'
  >
> = {
  async createPassages(connection, scope, input) {
    lockStructure(connection, scope.tenantId)
    const stored = new Map<string, Passage>()
    for (const [archiveId, passages] of await groupByArchive(connection, scope, input)) {
      const target = { tenantId: scope.tenantId, archiveId }
      for (const passage of insertPassages(connection, target, passages)) {
        stored.set(passage.id, passage)
      }
    }
    const passages = input.passages.flatMap(({ passage }) => stored.get(passage.id) ?? [])
    const cause = callerCause(scope, 'store passage')
    const agentId = input.agent?.agentId ?? null
    recordChanges(
      connection,
      scope.tenantId,
      passages.map((after) =>
        passageRecord(
          { action: 'create', before: null, after, version: 1 },
          {
            cause: { ...cause, sourceMessageIds: after.sourceMessageIds },
            agentId,
            at: input.at,
          },
        ),
      ),
    )
    const vectors = vectorsOf(input)
    if (vectors.length > 0) await vectorOperations.putVectors(connection, scope, { items: vectors })
    return passages
  },

  async listPassages(connection, scope, query) {
    const archiveId = await resolveArchive(connection, scope, query)
    if (archiveId === null) return []
    const conditions = new Conditions()
      .add('s.tenant_id = ? AND s.archive_id = ?', scope.tenantId, archiveId)
      .contains('s.text', query.textContains)
    if (query.text !== undefined) {
      conditions.add('length(s.text) = length(?) AND s.text = ?', query.text, query.text)
    }
    if (query.untrusted) conditions.add(untrustedPassage)
    await addTimeCursors(conditions, connection, { scope, query })
    return (
      await connection.all(
        `SELECT ${passageTable.list('s')} FROM passages s WHERE ${conditions.sql}
         ORDER BY ${orderBy(passageKeyset(scope, query.order))} LIMIT ?`,
        ...conditions.values,
        query.limit,
      )
    ).map((row) => passageTable.read(row))
  },

  async getPassages(connection, scope, { ids }) {
    const conditions = new Conditions().add('s.tenant_id = ?', scope.tenantId).oneOf('s.id', ids)
    addArchiveScope(conditions, scope)
    return (
      await connection.all(
        `SELECT ${passageTable.list('s')} FROM passages s
         JOIN archives r ON r.tenant_id = s.tenant_id AND r.id = s.archive_id
         WHERE ${conditions.sql} ORDER BY s.created_at, s.sequence`,
        ...conditions.values,
      )
    ).map((row) => passageTable.read(row))
  },

  async deletePassage(connection, scope, { id, archiveId, agentId, at }) {
    lockStructure(connection, scope.tenantId)
    const { tenantId } = scope
    const row = await connection.get(
      `SELECT s.archive_id, ${passageTable.list('s')} FROM passages s
       WHERE s.tenant_id = ? AND s.id = ? FOR UPDATE`,
      tenantId,
      id,
    )
    if (row === undefined) throw notFound('passage', id)
    const actual = asText(row[0])
    if (archiveId !== undefined && archiveId !== actual) throw notFound('passage', id)
    if (agentId !== undefined) {
      await requireAgent(connection, scope, agentId)
      if ((await archiveOfAgent(connection, tenantId, agentId)) !== actual)
        throw notFound('passage', id)
    }
    await readArchive(connection, scope, actual)
    const passage = passageTable.read(row, 1)
    const version = await keepPassage(connection, tenantId, passage)
    removePassage(connection, tenantId, passage)
    const cause = callerCause(scope, 'delete passage')
    recordChanges(connection, tenantId, [
      passageRecord(
        { action: 'delete', before: passage, after: null, version },
        { cause, agentId: agentId ?? null, at: at ?? passage.updatedAt },
      ),
    ])
  },

  async countPassages(connection, scope, { agentId }) {
    await requireAgent(connection, scope, agentId)
    return await countAgentPassages(connection, scope.tenantId, agentId)
  },

  async listPassageTags(connection, scope, { agentId, limit }) {
    await requireAgent(connection, scope, agentId)
    return (
      await connection.all(
        `SELECT DISTINCT tag FROM passage_tags WHERE tenant_id = ? AND archive_id = (
           SELECT archive_id FROM agent_archives WHERE tenant_id = ? AND agent_id = ?)
         ORDER BY tag LIMIT ?`,
        scope.tenantId,
        scope.tenantId,
        agentId,
        limit,
      )
    ).map(([tag]) => asText(tag))
  },
}

/** How many passages are in the archive of an agent; 0 when it has none. */
export async function countAgentPassages(
  connection: SqlConnection,
  tenantId: string,
  agentId: string | SqlExpression,
): Promise<number> {
  const agent = toExpression(agentId)
  const row = await connection.get(
    `SELECT r.passage_count FROM agent_archives own
     JOIN archives r ON r.tenant_id = own.tenant_id AND r.id = own.archive_id
     WHERE own.tenant_id = ? AND own.agent_id = ${agent.sql}`,
    tenantId,
    ...agent.values,
  )
  return row === undefined ? 0 : asInteger(row[0])
}

async function groupByArchive(
  connection: SqlConnection,
  scope: TenantScope,
  input: NewPassages,
): Promise<Map<string, NewPassages['passages'][number][]>> {
  if (input.agent !== null) {
    const { agentId, archive } = input.agent
    await requireAgent(connection, scope, agentId)
    const wish = { agentId, archive, at: input.at }
    return new Map([[await ensureArchive(connection, scope.tenantId, wish), [...input.passages]]])
  }
  const groups = Map.groupBy(input.passages, ({ passage }) => passage.archiveId)
  for (const archiveId of groups.keys()) await readArchive(connection, scope, archiveId)
  return groups
}

/** `after` is newer and `before` is older whatever the order of the list. */
async function addTimeCursors(
  conditions: Conditions,
  connection: SqlConnection,
  list: { readonly scope: TenantScope; readonly query: PassageListQuery },
): Promise<void> {
  const { after, before } = list.query
  await addCursors(conditions, connection, { ...passageKeyset(list.scope, 'asc'), after, before })
}
