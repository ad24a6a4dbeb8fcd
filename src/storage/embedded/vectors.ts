import { passageTable } from '../engine/archive-tables.ts'
import { messageTable } from '../engine/message-table.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type {
  Neighbours,
  NewVector,
  VectorOwner,
  VectorQuery,
  VectorStore,
} from '../contract/vector-store.ts'
import { requireAgent } from './agent-rows.ts'
import { Conditions } from './conditions.ts'
import { readTagged } from './read-tagged.ts'
import type { Connection } from './connection.ts'
import type { Operations } from './operation.ts'
import { resolveArchive } from './resolve-archive.ts'
import { addAgentScope, addArchiveScope } from '../engine/scope-conditions.ts'
import { foundByColumns, toFoundBy } from '../engine/search-rows.ts'
import { toScopeToken } from '../engine/search-tokens.ts'
import { asInteger, asOptionalText, asText, type SqlRow } from '../engine/sql-value.ts'
import { comparedIds, leaveOutChanged } from '../engine/compared-texts.ts'
import { ownModelSql } from '../engine/vector-owners.ts'
import { requireDimension, toSimilarity, toUnitVector } from '../engine/unit-vector.ts'
import { findWithoutVectors, listVectorProgress } from './vector-backlog.ts'
import {
  readDimension,
  readVectorScope,
  removeModel,
  writeVectors,
  type VectorRow,
} from './vector-rows.ts'
import { searchScope } from './vector-search.ts'
import type { EntryFilter } from './vector-set.ts'

/** Operations on vectors. */
export const vectorOperations: Operations<keyof VectorStore> = {
  putVectors(connection, scope, { items }) {
    const rows = toRows(connection, scope, items)
    writeVectors(connection, scope.tenantId, rows)
    return [...new Set(rows.map(({ itemId }) => itemId))]
  },

  searchMessageVectors(connection, scope, input) {
    requireAgent(connection, scope, input.agentId)
    const filter: EntryFilter = {
      roles: new Set(input.roles),
      conversationId: input.conversationId ?? null,
      from: input.from,
      until: input.until,
      excluded: new Set(input.excludeIds),
      only: null,
    }
    const scopeToken = messageScope(scope, input.agentId)
    return findNeighbours(connection, scope, {
      scopeToken,
      filter,
      input,
      from: 'messages',
      table: messageTable,
    })
  },

  searchPassageVectors(connection, scope, input) {
    const archiveId = resolveArchive(connection, scope, input)
    const tagged = readTagged(connection, scope.tenantId, { archiveId, ...input })
    const filter: EntryFilter = {
      roles: null,
      conversationId: null,
      from: input.from,
      until: input.until,
      excluded: new Set(),
      only: tagged === null ? null : new Set(tagged),
    }
    const scopeToken = archiveId === null ? null : passageScope(scope, archiveId)
    return findNeighbours(connection, scope, {
      scopeToken,
      filter,
      input,
      from: 'passages',
      table: passageTable,
    })
  },

  findWithoutVectors,

  listVectorProgress,

  findPassageModel(connection, scope, owner) {
    const archiveId = resolveArchive(connection, scope, owner)
    const sql = archiveId === null ? ownModelSql.agent : ownModelSql.archive
    const row = connection.get(sql, scope.tenantId, archiveId ?? owner.agentId ?? '')
    return asOptionalText(row?.[0] ?? null)
  },

  deleteVectors(connection, scope, { model }) {
    return removeModel(connection, scope.tenantId, model)
  },

  countVectors(connection, scope, input) {
    const scopeToken = resolveOwner(connection, scope, input)
    if (scopeToken === null) return 0
    const key = { tenantId: scope.tenantId, scopeToken, model: input.model }
    return readVectorScope(connection, key)?.count ?? 0
  },
}

function messageScope({ tenantId }: TenantScope, ownerId: string): string {
  return toScopeToken({ kind: 'messages', tenantId, ownerId })
}

function passageScope({ tenantId }: TenantScope, ownerId: string): string {
  return toScopeToken({ kind: 'passages', tenantId, ownerId })
}

function resolveOwner(
  connection: Connection,
  scope: TenantScope,
  owner: VectorOwner,
): string | null {
  if (owner.kind === 'message') {
    requireAgent(connection, scope, owner.agentId)
    return messageScope(scope, owner.agentId)
  }
  const archiveId = resolveArchive(connection, scope, owner)
  return archiveId === null ? null : passageScope(scope, archiveId)
}

interface NeighbourSearch<Item> {
  /** Null = there is nothing to search. */
  readonly scopeToken: string | null
  readonly filter: EntryFilter
  readonly input: VectorQuery & { readonly limit: number }
  readonly from: 'messages' | 'passages'
  readonly table: { list(alias: string): string; read(row: SqlRow): Item }
}

function findNeighbours<Item extends { readonly id: string }>(
  connection: Connection,
  { tenantId }: TenantScope,
  search: NeighbourSearch<Item>,
): Neighbours<Item> {
  const { scopeToken, filter, input } = search
  const { model, limit, exactUpTo } = input
  const query = toUnitVector(input.vector)
  requireDimension(model, query.length, readDimension(connection, tenantId, model))
  const scope =
    scopeToken === null ? null : readVectorScope(connection, { tenantId, scopeToken, model })
  if (scope === null) return { items: [], statistics: { vectorCount: 0, meanSimilarity: 0 } }
  const { near, mean } = searchScope(connection, scope, { query, filter, limit, exactUpTo })
  const ids = near.map(({ id }) => id)
  const items = readItems(connection, tenantId, { ...search, ids })
  return {
    items: near.flatMap(({ id, product }) => {
      const item = items.get(id)
      return item === undefined ? [] : [{ item, similarity: toSimilarity(product) }]
    }),
    statistics: { vectorCount: scope.count, meanSimilarity: toSimilarity(mean) },
  }
}

function readItems<Item extends { readonly id: string }>(
  connection: Connection,
  tenantId: string,
  wanted: Pick<NeighbourSearch<Item>, 'from' | 'table'> & { readonly ids: readonly string[] },
): ReadonlyMap<string, Item> {
  const { table } = wanted
  const rows = connection.all(
    `SELECT ${table.list('i')} FROM ${wanted.from} i
     WHERE i.tenant_id = ? AND i.id IN (SELECT value FROM json_each(?))`,
    tenantId,
    JSON.stringify(wanted.ids),
  )
  const items = rows.map((row) => table.read(row))
  return new Map(items.map((item) => [item.id, item]))
}

/** The vectors of the items that exist for the caller; one for each item and model. */
function toRows(
  connection: Connection,
  scope: TenantScope,
  items: readonly NewVector[],
): readonly VectorRow[] {
  const dimensions = new Map<string, number>()
  const rows = new Map<string, VectorRow>()
  const owners = {
    message: readMessageOwners(connection, scope, idsOf(items, 'message')),
    passage: readPassageOwners(connection, scope, idsOf(items, 'passage')),
  }
  const current = leaveOutChanged(items, readFoundBy(connection, scope, items))
  for (const { kind, id, model, vector: given } of current) {
    const vector = toUnitVector(given)
    const expected =
      dimensions.get(model) ?? readDimension(connection, scope.tenantId, model) ?? vector.length
    requireDimension(model, vector.length, expected)
    dimensions.set(model, expected)
    const owner = owners[kind].get(id)
    if (owner !== undefined) {
      rows.set(JSON.stringify([id, model]), { itemId: id, model, vector, ...owner })
    }
  }
  return [...rows.values()]
}

/** What stands for the words of the texts that somebody wants compared, by id. */
function readFoundBy(
  connection: Connection,
  { tenantId }: TenantScope,
  items: readonly NewVector[],
): ReadonlyMap<string, string> {
  const ids = comparedIds(items)
  if (ids.length === 0) return new Map()
  const rows = connection.all(
    `SELECT d.item_id, ${foundByColumns} FROM search_documents d
     WHERE d.tenant_id = ? AND d.item_id IN (SELECT value FROM json_each(?))`,
    tenantId,
    JSON.stringify(ids),
  )
  return new Map(rows.map(([id, ...words]) => [asText(id), toFoundBy(words)]))
}

function idsOf(items: readonly NewVector[], kind: NewVector['kind']): readonly string[] {
  return items.filter((item) => item.kind === kind).map(({ id }) => id)
}

type ItemOwner = Omit<VectorRow, 'itemId' | 'model' | 'vector'>

function readMessageOwners(
  connection: Connection,
  scope: TenantScope,
  ids: readonly string[],
): ReadonlyMap<string, ItemOwner> {
  if (ids.length === 0) return new Map()
  const conditions = new Conditions()
    .add('m.tenant_id = ? AND m.searchable = 1', scope.tenantId)
    .oneOf('m.id', ids)
  addAgentScope(conditions, scope, 'm.agent_id')
  const rows = connection.all(
    `SELECT m.id, m.agent_id, m.role, m.conversation_id, m.created_at FROM messages m
     WHERE ${conditions.sql}`,
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

function readPassageOwners(
  connection: Connection,
  scope: TenantScope,
  ids: readonly string[],
): ReadonlyMap<string, ItemOwner> {
  if (ids.length === 0) return new Map()
  const conditions = new Conditions().add('s.tenant_id = ?', scope.tenantId).oneOf('s.id', ids)
  addArchiveScope(conditions, scope)
  const rows = connection.all(
    `SELECT s.id, s.archive_id, s.created_at FROM passages s
     JOIN archives r ON r.tenant_id = s.tenant_id AND r.id = s.archive_id
     WHERE ${conditions.sql}`,
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
