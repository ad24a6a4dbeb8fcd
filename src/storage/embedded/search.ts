import type { TenantScope } from '../../domain/scope.ts'
import type {
  Candidates,
  MessageSearch,
  PassageSearch,
  SearchStore,
  TextOwner,
} from '../contract/search-store.ts'
import {
  documentColumns,
  isCurrent,
  readAfter,
  toDocuments,
  toPlaceRanges,
  toPlaces,
  toTextPage,
  withoutScope,
  withoutTexts,
  type ScopeCounts,
} from '../engine/search-rows.ts'
import { factScope } from '../engine/fact-table.ts'
import { toScopeToken } from '../engine/search-tokens.ts'
import { asInteger, type SqlInput, type SqlRow } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import type { CandidateQuery } from '../engine/candidate-query.ts'
import { chooseTexts } from './choose-texts.ts'
import { Conditions } from './conditions.ts'
import { addMessageFilter, addPassageFilter, addTimeRange } from '../engine/search-filter.ts'
import type { Connection } from './connection.ts'
import type { Operations } from './operation.ts'
import { readTagged } from './read-tagged.ts'
import { resolveArchive } from './resolve-archive.ts'

/** Reading texts and finding candidates. */
export const searchOperations: Operations<keyof SearchStore> = {
  readTexts(connection, scope, input) {
    const ownerId = resolveOwner(connection, scope, input.owner)
    if (ownerId === null) return withoutTexts(0)
    const { tenantId } = scope
    const scopeToken = toScopeToken({ kind: input.owner.kind, tenantId, ownerId })
    const counts = readCounts(connection, tenantId, scopeToken)
    const { documentCount } = counts
    if (documentCount === 0 || documentCount > input.completeUpTo)
      return withoutTexts(documentCount)
    const rows = isCurrent(input, scopeToken, counts)
      ? []
      : connection.all(
          `SELECT d.document, 1, ${documentColumns} FROM search_documents d
           WHERE d.tenant_id = ? AND d.tenant_scope = ? AND d.document > ?
           ORDER BY d.document LIMIT ?`,
          tenantId,
          scopeToken,
          readAfter(input, scopeToken, counts),
          input.limit,
        )
    const tagged = readTagged(connection, tenantId, { archiveId: ownerId, ...input })
    return toTextPage(input, { ...counts, scopeToken, tagged }, rows)
  },

  searchMessages(connection, scope, input) {
    requireAgent(connection, scope, input.agentId)
    const { tenantId } = scope
    return findCandidates(connection, {
      tenantId,
      scopeToken: toScopeToken({ kind: 'messages', tenantId, ownerId: input.agentId }),
      filter: messageFilter(input),
      excludeIds: input.excludeIds,
      input,
    })
  },

  searchPassages(connection, scope, input) {
    const archiveId = resolveArchive(connection, scope, input)
    if (archiveId === null) {
      return { documents: [], asked: [], statistics: withoutScope(input.terms) }
    }
    const { tenantId } = scope
    return findCandidates(connection, {
      tenantId,
      scopeToken: toScopeToken({ kind: 'passages', tenantId, ownerId: archiveId }),
      filter: passageFilter(archiveId, input),
      excludeIds: [],
      input,
    })
  },

  searchFacts(connection, scope, input) {
    requireAgent(connection, scope, input.agentId)
    const { tenantId } = scope
    const filter = new Conditions().add('d.role IS NULL')
    addTimeRange(filter, 'd', input)
    const scopeToken = factScope(tenantId, input.agentId)
    return findCandidates(connection, { tenantId, scopeToken, filter, excludeIds: [], input })
  },
}

function findCandidates(connection: Connection, query: CandidateQuery<SqlInput>): Candidates {
  const { statistics, asked, texts } = chooseTexts(connection, query)
  const near = readNeighbours(connection, query, texts)
  const known = new Set(near.map((row) => row[0]))
  const alone = texts.map((row) => asInteger(row[0])).filter((text) => !known.has(text))
  const rows = [...near, ...readTexts(connection, query, alone)]
  return {
    documents: toDocuments([...rows, ...readAlso(connection, query, rows)]),
    asked,
    statistics,
  }
}

/** The agent or archive that is meant; null for an agent without an archive. Throws `not_found`. */
function resolveOwner(connection: Connection, scope: TenantScope, owner: TextOwner): string | null {
  if (owner.kind === 'passages') return resolveArchive(connection, scope, owner)
  requireAgent(connection, scope, owner.agentId)
  return owner.agentId
}

function readCounts(connection: Connection, tenantId: string, scopeToken: string): ScopeCounts {
  const row = connection.get(
    `SELECT document_count, removed FROM search_scopes WHERE tenant_id = ? AND tenant_scope = ?`,
    tenantId,
    scopeToken,
  )
  if (row === undefined) return { documentCount: 0, removed: 0 }
  return { documentCount: asInteger(row[0]), removed: asInteger(row[1]) }
}

/** Texts of the index by their numbers. */
function readTexts(
  connection: Connection,
  { tenantId, scopeToken, filter }: CandidateQuery<SqlInput>,
  texts: readonly number[],
): readonly SqlRow[] {
  if (texts.length === 0) return []
  return connection.all(
    `SELECT d.document, ${filter.sql}, ${documentColumns}
     FROM json_each(?) wanted CROSS JOIN search_documents d ON d.document = wanted.value
     WHERE d.tenant_id = ? AND d.tenant_scope = ?`,
    ...filter.values,
    JSON.stringify(texts.toSorted((left, right) => left - right)),
    tenantId,
    scopeToken,
  )
}

/** The texts that are wanted in any case and are not there yet. */
function readAlso(
  connection: Connection,
  { tenantId, scopeToken, filter, excludeIds, input }: CandidateQuery<SqlInput>,
  given: readonly SqlRow[],
): readonly SqlRow[] {
  const { also = [] } = input
  if (also.length === 0) return []
  const known = new Set([...given.map((row) => row[2]), ...excludeIds])
  const missing = also.filter((id) => !known.has(id))
  if (missing.length === 0) return []
  return connection.all(
    `SELECT d.document, ${filter.sql}, ${documentColumns}
     FROM json_each(?) wanted CROSS JOIN search_documents d
       ON d.tenant_id = ? AND d.item_id = wanted.value
     WHERE d.tenant_scope = ?`,
    ...filter.values,
    JSON.stringify(missing),
    tenantId,
    scopeToken,
  )
}

/** The chosen texts that have a place and those around them, each with whether it passes the filter. */
function readNeighbours(
  connection: Connection,
  { tenantId, scopeToken, filter, excludeIds, input }: CandidateQuery<SqlInput>,
  chosen: readonly SqlRow[],
): readonly SqlRow[] {
  const ranges = toPlaceRanges(toPlaces(chosen, 1), input.neighbours ?? 0)
  if (ranges.length === 0) return []
  // CROSS JOIN has each stretch looked up; left to itself the planner reads the whole scope instead.
  return connection.all(
    `SELECT d.document, ${filter.sql}, ${documentColumns}
     FROM json_each(?) wanted CROSS JOIN search_documents d
     ON d.thread = wanted.value ->> 0 AND d.place BETWEEN wanted.value ->> 1 AND wanted.value ->> 2
     WHERE d.tenant_id = ? AND d.tenant_scope = ?
       AND d.item_id NOT IN (SELECT value FROM json_each(?))`,
    ...filter.values,
    JSON.stringify(ranges.map(({ thread, first, last }) => [thread, first, last])),
    tenantId,
    scopeToken,
    JSON.stringify(excludeIds),
  )
}

function messageFilter(input: MessageSearch): Conditions {
  const filter = new Conditions()
  addMessageFilter(filter, 'd', input)
  return filter
}

function passageFilter(archiveId: string, input: PassageSearch): Conditions {
  const filter = new Conditions().add('d.role IS NULL')
  addPassageFilter(filter, 'd', { archive: { sql: '?', values: [archiveId] }, input })
  return filter
}
