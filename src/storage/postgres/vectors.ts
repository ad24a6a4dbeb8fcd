import { passageTable } from '../engine/archive-tables.ts'
import { messageTable } from '../engine/message-table.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { MessageSearch, PassageSearch } from '../contract/search-store.ts'
import type { NewVector, NewVectors, VectorOwner, VectorStore } from '../contract/vector-store.ts'
import { comparedIds, leaveOutChanged } from '../engine/compared-texts.ts'
import { foundByColumns, toFoundBy } from '../engine/search-rows.ts'
import { toScopeToken } from '../engine/search-tokens.ts'
import { asInteger, asOptionalText, asText, toExpression } from '../engine/sql-value.ts'
import { ownModelSql } from '../engine/vector-owners.ts'
import { requireDimension, toUnitVector } from '../engine/unit-vector.ts'
import { requireAgent } from './agent-rows.ts'
import { Conditions } from './conditions.ts'
import { addMessageFilter, addPassageFilter } from '../engine/search-filter.ts'
import type { Operations } from './operation.ts'
import { resolveArchive } from './resolve-archive.ts'
import { addAgentScope, addArchiveScope } from '../engine/scope-conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import { findTextScope, type TextScope } from './text-scope.ts'
import { findWithoutVectors, listVectorProgress } from './vector-backlog.ts'
import {
  countScope,
  indexType,
  indexVectors,
  lockVectors,
  readVectorFacts,
  writeVectors,
  type VectorRow,
} from './vector-rows.ts'
import { findNeighbours, mostExact } from './vector-search.ts'

/**
 * How many vectors of a scope that has become large are brought into the index with every call, for each new one, and
 * at most: each takes 1 to 5 ms.
 */
const movedPerCall = 100
const movedPerVector = 4
const mostMoved = 500

/** How many vectors one statement brings into the index, which must not reach the limit of a statement's time. */
const perStatement = 100

/** Operations on vectors. */
export const vectorOperations: Operations<keyof VectorStore> = {
  async putVectors(connection, scope, input) {
    const groups = await toGroups(connection, scope, input.items)
    for (const group of groups) await writeGroup(connection, group, input)
    return [...new Set(groups.flatMap(({ rows }) => rows.map(({ itemId }) => itemId)))]
  },

  async searchMessageVectors(connection, scope, input) {
    return await findNeighbours(connection, {
      tenantId: scope.tenantId,
      source: findTextScope(connection, scope, { kind: 'messages', agentId: input.agentId }),
      input,
      from: 'messages',
      table: messageTable,
      filter: messageFilter(input),
      isNarrow: input.conversationId !== undefined || input.from !== null || input.until !== null,
    })
  },

  async searchPassageVectors(connection, scope, input) {
    const source = findTextScope(connection, scope, { kind: 'passages', ...input })
    return await findNeighbours(connection, {
      tenantId: scope.tenantId,
      source,
      input,
      from: 'passages',
      table: passageTable,
      filter: passageFilter(source, input),
      isNarrow: input.tags.length > 0 || input.from !== null || input.until !== null,
    })
  },

  findWithoutVectors,

  listVectorProgress,

  async findPassageModel(connection, scope, owner) {
    const archiveId = await resolveArchive(connection, scope, owner)
    const sql = archiveId === null ? ownModelSql.agent : ownModelSql.archive
    const row = await connection.get(sql, scope.tenantId, archiveId ?? owner.agentId ?? '')
    return asOptionalText(row?.[0] ?? null)
  },

  async deleteVectors(connection, scope, { model }) {
    lockVectors(connection, scope.tenantId)
    const removed = connection.run(
      `DELETE FROM vectors WHERE tenant_id = ? AND model = ?`,
      scope.tenantId,
      model,
    )
    connection.post(
      `DELETE FROM vector_scopes WHERE tenant_id = ? AND model = ?`,
      scope.tenantId,
      model,
    )
    return await removed
  },

  async countVectors(connection, scope, input) {
    const scopeToken = await resolveOwner(connection, scope, input)
    if (scopeToken === null) return 0
    return await countScope(connection, {
      tenantId: scope.tenantId,
      scopeToken,
      model: input.model,
    })
  },
}

function messageScope({ tenantId }: TenantScope, ownerId: string): string {
  return toScopeToken({ kind: 'messages', tenantId, ownerId })
}

function passageScope({ tenantId }: TenantScope, ownerId: string): string {
  return toScopeToken({ kind: 'passages', tenantId, ownerId })
}

async function resolveOwner(
  connection: SqlConnection,
  scope: TenantScope,
  owner: VectorOwner,
): Promise<string | null> {
  if (owner.kind === 'message') {
    await requireAgent(connection, scope, owner.agentId)
    return messageScope(scope, owner.agentId)
  }
  const archiveId = await resolveArchive(connection, scope, owner)
  return archiveId === null ? null : passageScope(scope, archiveId)
}

function messageFilter(input: Omit<MessageSearch, 'terms'>): Conditions {
  const filter = new Conditions()
  addMessageFilter(filter, 'v', input)
  if (input.excludeIds.length > 0) filter.add('v.item_id <> ALL(?)', input.excludeIds)
  return filter
}

function passageFilter({ archiveId }: TextScope, input: Omit<PassageSearch, 'terms'>): Conditions {
  const filter = new Conditions()
  addPassageFilter(filter, 'v', { archive: archiveId, input })
  return filter
}

/** Vectors of one model for one scope. */
interface VectorGroup {
  readonly tenantId: string
  readonly scopeToken: string
  readonly model: string
  readonly dimension: number
  readonly rows: readonly VectorRow[]
}

async function writeGroup(
  connection: SqlConnection,
  group: VectorGroup,
  input: NewVectors,
): Promise<void> {
  const { tenantId, scopeToken, model } = group
  const token = toExpression(scopeToken)
  const known = await readVectorFacts(connection, { tenantId, token, model })
  requireDimension(group.model, group.dimension, known.dimension)
  const scope = { tenantId, scopeToken, model, ...known, dimension: group.dimension }
  const type = indexType(known.version, group.dimension)
  const isLarge = known.count + group.rows.length > (input.exactUpTo ?? mostExact)
  const isIndexed = isLarge && type !== null
  for (let start = 0; start < group.rows.length; start += perStatement) {
    const rows = group.rows.slice(start, start + perStatement)
    await writeVectors(connection, scope, { rows, isIndexed })
  }
  if (!isIndexed || known.indexedCount >= known.count) return
  const count = Math.min(mostMoved, movedPerCall + movedPerVector * group.rows.length)
  for (let moved = 0; moved < count; moved += perStatement) {
    await indexVectors(connection, scope, { type, count: Math.min(perStatement, count - moved) })
  }
}

/** The vectors of the items that exist for the caller by model and scope; one for each item and model. */
async function toGroups(
  connection: SqlConnection,
  scope: TenantScope,
  items: readonly NewVector[],
): Promise<readonly VectorGroup[]> {
  const vectors = items.map(({ vector }) => toUnitVector(vector))
  const { tenantId } = scope
  lockVectors(connection, tenantId)
  const [foundBy, messages, passages] = await Promise.all([
    readFoundBy(connection, tenantId, comparedIds(items)),
    readMessageOwners(connection, scope, idsOf(items, 'message')),
    readPassageOwners(connection, scope, idsOf(items, 'passage')),
  ])
  const current = new Set(leaveOutChanged(items, foundBy))
  await requireDimensions(connection, tenantId, { items, vectors })
  const groups = new Map<string, VectorGroup & { readonly byItem: Map<string, VectorRow> }>()
  items.forEach((item, index) => {
    const { kind, id, model } = item
    const owner = (kind === 'message' ? messages : passages).get(id)
    const vector = vectors[index]
    if (owner === undefined || vector === undefined || !current.has(item)) return
    const { scopeToken, ...facts } = owner
    const key = JSON.stringify([model, scopeToken])
    const dimension = vector.length
    const empty = { tenantId, scopeToken, model, dimension, rows: [], byItem: new Map() }
    const group = groups.get(key) ?? empty
    group.byItem.set(id, { itemId: id, vector, ...facts })
    groups.set(key, group)
  })
  return [...groups.values()].map(({ byItem, ...group }) => ({
    ...group,
    rows: [...byItem.values()],
  }))
}

/** What stands for the words of some texts, by id; they stay so until the transaction ends. */
async function readFoundBy(
  connection: SqlConnection,
  tenantId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await connection.all(
    `SELECT d.item_id, ${foundByColumns} FROM search_documents d
     WHERE d.tenant_id = ? AND d.item_id = ANY(?) ORDER BY d.item_id FOR SHARE`,
    tenantId,
    ids,
  )
  return new Map(rows.map(([id, ...words]) => [asText(id), toFoundBy(words)]))
}

/** Also where nothing is stored in the end. */
async function requireDimensions(
  connection: SqlConnection,
  tenantId: string,
  given: { readonly items: readonly NewVector[]; readonly vectors: readonly Float32Array[] },
): Promise<void> {
  const dimensions = new Map<string, number>()
  for (const [index, { model }] of given.items.entries()) {
    const { length } = given.vectors[index] ?? []
    requireDimension(model, length, dimensions.get(model))
    dimensions.set(model, length)
  }
  for (const [model, dimension] of dimensions) {
    const known = await readVectorFacts(connection, { tenantId, token: toExpression(''), model })
    requireDimension(model, dimension, known.dimension)
  }
}

function idsOf(items: readonly NewVector[], kind: NewVector['kind']): readonly string[] {
  return items.filter((item) => item.kind === kind).map(({ id }) => id)
}

type ItemOwner = Omit<VectorRow, 'itemId' | 'vector'> & { readonly scopeToken: string }

/** The messages stay until the transaction ends. */
async function readMessageOwners(
  connection: SqlConnection,
  scope: TenantScope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ItemOwner>> {
  if (ids.length === 0) return new Map()
  const conditions = new Conditions()
    .add('m.tenant_id = ? AND m.searchable = 1', scope.tenantId)
    .oneOf('m.id', ids)
  addAgentScope(conditions, scope, 'm.agent_id')
  const rows = await connection.all(
    `SELECT m.id, m.agent_id, m.role, m.conversation_id, m.created_at FROM messages m
     WHERE ${conditions.sql} ORDER BY m.id FOR KEY SHARE`,
    ...conditions.values,
  )
  return new Map(
    rows.map((row) => [
      asText(row[0]),
      {
        scopeToken: messageScope(scope, asText(row[1])),
        role: asOptionalText(row[2]),
        conversationId: asOptionalText(row[3]),
        createdAt: asInteger(row[4]),
      },
    ]),
  )
}

/** The passages stay until the transaction ends. */
async function readPassageOwners(
  connection: SqlConnection,
  scope: TenantScope,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ItemOwner>> {
  if (ids.length === 0) return new Map()
  const conditions = new Conditions().add('s.tenant_id = ?', scope.tenantId).oneOf('s.id', ids)
  addArchiveScope(conditions, scope)
  const rows = await connection.all(
    `SELECT s.id, s.archive_id, s.created_at FROM passages s
     JOIN archives r ON r.tenant_id = s.tenant_id AND r.id = s.archive_id
     WHERE ${conditions.sql} ORDER BY s.id FOR KEY SHARE OF s`,
    ...conditions.values,
  )
  return new Map(
    rows.map((row) => [
      asText(row[0]),
      {
        scopeToken: passageScope(scope, asText(row[1])),
        role: null,
        conversationId: null,
        createdAt: asInteger(row[2]),
      },
    ]),
  )
}
