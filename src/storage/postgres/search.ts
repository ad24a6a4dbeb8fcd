import type {
  Candidates,
  MessageSearch,
  PassageSearch,
  SearchStore,
} from '../contract/search-store.ts'
import {
  documentColumns,
  toDocuments,
  toPlaceRanges,
  withoutScope,
  type PlaceRange,
} from '../engine/search-rows.ts'
import { factScope } from '../engine/fact-table.ts'
import { toScopeToken } from '../engine/search-tokens.ts'
import type { SqlRow } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import { chooseTexts, type ChosenTexts } from './choose-texts.ts'
import { Conditions } from './conditions.ts'
import { addMessageFilter, addPassageFilter, addTimeRange } from '../engine/search-filter.ts'
import type { Operations } from './operation.ts'
import { readTexts } from './read-texts.ts'
import { resolveArchive } from './resolve-archive.ts'
import type { SqlConnection } from './sql-connection.ts'
import type { ListQuery } from './term-lists.ts'

/** Reading texts and finding candidates. */
export const searchOperations: Operations<keyof SearchStore> = {
  readTexts,

  async searchMessages(connection, scope, input) {
    const { tenantId } = scope
    const [, found] = await Promise.all([
      requireAgent(connection, scope, input.agentId),
      findCandidates(connection, {
        tenantId,
        scopeToken: toScopeToken({ kind: 'messages', tenantId, ownerId: input.agentId }),
        filter: messageFilter(input),
        isFilterUsual: isAnyTime(input),
        excludeIds: input.excludeIds,
        input,
      }),
    ])
    return found
  },

  async searchPassages(connection, scope, input) {
    const { tenantId } = scope
    const archiveId = await resolveArchive(connection, scope, input)
    if (archiveId === null) {
      return { documents: [], asked: [], statistics: withoutScope(input.terms) }
    }
    return await findCandidates(connection, {
      tenantId,
      scopeToken: toScopeToken({ kind: 'passages', tenantId, ownerId: archiveId }),
      filter: passageFilter(archiveId, input),
      isFilterUsual: isAnyTime(input) && input.tags.length === 0,
      excludeIds: [],
      input,
    })
  },

  async searchFacts(connection, scope, input) {
    const { tenantId } = scope
    const filter = new Conditions().add('d.role IS NULL')
    addTimeRange(filter, 'd', input)
    const scopeToken = factScope(tenantId, input.agentId)
    const isFilterUsual = isAnyTime(input)
    const query = { tenantId, scopeToken, filter, isFilterUsual, excludeIds: [], input }
    const [, found] = await Promise.all([
      requireAgent(connection, scope, input.agentId),
      findCandidates(connection, query),
    ])
    return found
  },
}

async function findCandidates(connection: SqlConnection, query: ListQuery): Promise<Candidates> {
  const { statistics, asked, texts } = await chooseTexts(connection, query)
  const rows = await readAround(connection, query, texts)
  return { documents: toDocuments(rows), asked, statistics }
}

/** The chosen texts, with their neighbours. */
async function readAround(
  connection: SqlConnection,
  query: ListQuery,
  { places, alone }: ChosenTexts,
): Promise<readonly SqlRow[]> {
  const { also = [], neighbours = 0 } = query.input
  const [near, others] = await Promise.all([
    readRanges(connection, query, toPlaceRanges(places, neighbours)),
    readTextsOf(connection, query, [...alone, ...also]),
  ])
  const known = new Set(near.map((row) => row[2]))
  return [...near, ...others.filter((row) => !known.has(row[2]))]
}

/** The texts at some places, each with whether it passes the filter. */
async function readRanges(
  connection: SqlConnection,
  { tenantId, scopeToken, filter, excludeIds }: ListQuery,
  ranges: readonly PlaceRange[],
): Promise<readonly SqlRow[]> {
  if (ranges.length === 0) return []
  // The limit has each stretch looked up by itself; else the planner reads the whole scope, which takes a hundred times as long.
  return await connection.all(
    `SELECT d.sequence, (${filter.sql})::int, ${documentColumns}
     FROM unnest(?::text[], ?::bigint[], ?::bigint[]) range (thread, first, last)
     CROSS JOIN LATERAL (
       SELECT * FROM search_documents d
       WHERE d.tenant_id = ? AND d.tenant_scope = ? AND d.thread = range.thread
         AND d.place BETWEEN range.first AND range.last
       ORDER BY d.place LIMIT range.last - range.first + 1) d
     WHERE d.item_id <> ALL(?)`,
    ...filter.values,
    ranges.map(({ thread }) => thread),
    ranges.map(({ first }) => first),
    ranges.map(({ last }) => last),
    tenantId,
    scopeToken,
    excludeIds,
  )
}

/** Texts of the scope by their items, each with whether it passes the filter. */
async function readTextsOf(
  connection: SqlConnection,
  { tenantId, scopeToken, filter, excludeIds }: ListQuery,
  itemIds: readonly string[],
): Promise<readonly SqlRow[]> {
  if (itemIds.length === 0) return []
  // For the limit see above: a tenant that seems to have few texts would be read whole.
  return await connection.all(
    `SELECT d.sequence, (${filter.sql})::int, ${documentColumns}
     FROM unnest(?::text[]) wanted (id)
     CROSS JOIN LATERAL (
       SELECT * FROM search_documents d
       WHERE d.tenant_id = ? AND d.item_id = wanted.id AND (d.tenant_scope = ?) IS TRUE LIMIT 1) d
     WHERE d.item_id <> ALL(?)`,
    ...filter.values,
    [...new Set(itemIds)],
    tenantId,
    scopeToken,
    excludeIds,
  )
}

function isAnyTime({ from, until }: Pick<MessageSearch, 'from' | 'until'>): boolean {
  return from === null && until === null
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
