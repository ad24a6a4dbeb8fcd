import type {
  Candidates,
  MessageSearch,
  PassageSearch,
  SearchStore,
} from '../contract/search-store.ts'
import {
  documentColumns,
  documentWidth,
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
import { readPacked } from './packed-rows.ts'
import { resolveArchive } from './resolve-archive.ts'
import type { SqlConnection } from './sql-connection.ts'
import type { ListQuery } from './term-lists.ts'
import { amongItems, inPlaces, inScope } from './text-lookups.ts'

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
  const around = readAround(connection, query, texts)
  // Nothing comes after this, so the end of the transaction is sent with it.
  connection.finish()
  const rows = await around
  return { documents: toDocuments(rows), asked, statistics }
}

/** The chosen texts, with their neighbours. */
async function readAround(
  connection: SqlConnection,
  query: ListQuery,
  { places, alone }: ChosenTexts,
): Promise<readonly SqlRow[]> {
  const { also = [], neighbours = 0 } = query.input
  const [near, ...others] = await Promise.all([
    readRanges(connection, query, toPlaceRanges(places, neighbours)),
    readEach(connection, query, { type: 'bigint', wanted: alone, condition: bySequence }),
    readEach(connection, query, { type: 'text', wanted: also, condition: byItem }),
  ])
  // Stretches do not overlap.
  if (others.every((rows) => rows.length === 0)) return near
  return [...new Map([near, ...others].flat().map((row) => [row[2], row])).values()]
}

/** The texts at some places, each with whether it passes the filter. */
async function readRanges(
  connection: SqlConnection,
  { tenantId, scopeToken, filter, excludeIds }: ListQuery,
  ranges: readonly PlaceRange[],
): Promise<readonly SqlRow[]> {
  if (ranges.length === 0) return []
  // The limit has each stretch looked up by itself; else the planner reads the whole scope, which takes a hundred times as long.
  const sql = `SELECT d.sequence, (${filter.sql})::int, ${documentColumns}
     FROM unnest(?::text[], ?::bigint[], ?::bigint[]) range (thread, first, last)
     CROSS JOIN LATERAL (
       SELECT * FROM search_documents d
       WHERE ${inPlaces} AND d.thread = range.thread AND d.place BETWEEN range.first AND range.last
       ORDER BY d.place LIMIT range.last - range.first + 1) d
     WHERE d.item_id <> ALL(?)`
  const values = [
    ...filter.values,
    ranges.map(({ thread }) => thread),
    ranges.map(({ first }) => first),
    ranges.map(({ last }) => last),
    tenantId,
    scopeToken,
    excludeIds,
  ]
  return await readPacked(connection, documentWidth, { sql, values })
}

/** By what single texts are looked up: by something of each, in a column of a type. */
interface LookUp {
  readonly type: 'bigint' | 'text'
  readonly wanted: readonly (number | string)[]
  /** Finds one by `wanted.value`, in a tenant and scope. */
  readonly condition: string
}

const byItem = `${amongItems} AND d.item_id = wanted.value`
const bySequence = `${inScope} AND d.sequence = wanted.value`

/** Single texts of the scope, each with whether it passes the filter. */
async function readEach(
  connection: SqlConnection,
  { tenantId, scopeToken, filter, excludeIds }: ListQuery,
  { type, wanted, condition }: LookUp,
): Promise<readonly SqlRow[]> {
  if (wanted.length === 0) return []
  // For the limit see above.
  const sql = `SELECT d.sequence, (${filter.sql})::int, ${documentColumns}
     FROM unnest(?::${type}[]) wanted (value)
     CROSS JOIN LATERAL (SELECT * FROM search_documents d WHERE ${condition} LIMIT 1) d
     WHERE d.item_id <> ALL(?)`
  const values = [...filter.values, wanted, tenantId, scopeToken, excludeIds]
  return await readPacked(connection, documentWidth, { sql, values })
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
