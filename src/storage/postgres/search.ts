import {
  countedUpTo,
  type CandidateChoice,
  type Candidates,
  type MessageSearch,
  type PassageSearch,
  type SearchStatistics,
  type SearchStore,
} from '../contract/search-store.ts'
import {
  chooseTerms,
  documentColumns,
  toDocuments,
  toPlaceRanges,
  toPlaces,
  type PlaceRange,
} from '../engine/search-rows.ts'
import { factScope } from '../engine/fact-table.ts'
import { toScopeToken } from '../engine/search-tokens.ts'
import { asInteger, asText, type SqlRow } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import { Conditions } from './conditions.ts'
import type { Operations } from './operation.ts'
import { readTexts } from './read-texts.ts'
import { resolveArchive } from './resolve-archive.ts'
import type { SqlConnection } from './sql-connection.ts'
import { toTermKey } from './term-key.ts'

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
      const statistics = toStatistics(input.terms, [])
      return { documents: [], asked: [], statistics }
    }
    return await findCandidates(connection, {
      tenantId,
      scopeToken: toScopeToken({ kind: 'passages', tenantId, ownerId: archiveId }),
      filter: passageFilter(archiveId, input),
      excludeIds: [],
      input,
    })
  },

  async searchFacts(connection, scope, input) {
    const { tenantId } = scope
    const filter = new Conditions().add('d.role IS NULL')
    addTimeRange(filter, input)
    const scopeToken = factScope(tenantId, input.agentId)
    const query = { tenantId, scopeToken, filter, excludeIds: [], input }
    const [, found] = await Promise.all([
      requireAgent(connection, scope, input.agentId),
      findCandidates(connection, query),
    ])
    return found
  },
}

interface CandidateQuery {
  readonly tenantId: string
  readonly scopeToken: string
  /** Conditions on the texts `d`. */
  readonly filter: Conditions
  readonly excludeIds: readonly string[]
  readonly input: CandidateChoice & { readonly terms: readonly string[] }
}

async function findCandidates(
  connection: SqlConnection,
  query: CandidateQuery,
): Promise<Candidates> {
  const statistics = await readStatistics(connection, query)
  const asked = chooseTerms(query.input.terms, statistics)
  const rows = await readChosen(connection, query, asked)
  return { documents: toDocuments(rows), asked, statistics }
}

/** The texts that `findBest` chooses, with their neighbours. */
async function readChosen(
  connection: SqlConnection,
  query: CandidateQuery,
  asked: readonly string[],
): Promise<readonly SqlRow[]> {
  const { also = [], neighbours = 0 } = query.input
  const chosen = asked.length === 0 ? [] : await findBest(connection, query, asked)
  const ranges = toPlaceRanges(toPlaces(chosen, 1), neighbours)
  const isAlone = ([, , place]: SqlRow): boolean => ranges.length === 0 || place === null
  const alone = [...chosen.filter(isAlone).map(([id]) => asText(id)), ...also]
  const [near, others] = await Promise.all([
    readRanges(connection, query, ranges),
    readTextsOf(connection, query, alone),
  ])
  const known = new Set(near.map((row) => row[2]))
  return [...near, ...others.filter((row) => !known.has(row[2]))]
}

/** The texts at some places, each with whether it passes the filter. */
async function readRanges(
  connection: SqlConnection,
  { tenantId, scopeToken, filter, excludeIds }: CandidateQuery,
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
  { tenantId, scopeToken, filter, excludeIds }: CandidateQuery,
  itemIds: readonly string[],
): Promise<readonly SqlRow[]> {
  if (itemIds.length === 0) return []
  return await connection.all(
    `SELECT d.sequence, (${filter.sql})::int, ${documentColumns} FROM search_documents d
     WHERE d.tenant_id = ? AND d.item_id = ANY(?) AND d.tenant_scope = ? AND d.item_id <> ALL(?)`,
    ...filter.values,
    tenantId,
    [...new Set(itemIds)],
    scopeToken,
    excludeIds,
  )
}

/**
 * The texts with the rarest of the terms, newest first among equals. Each term is looked up in the index by itself,
 * so that the stored terms of a text need not be read to know which of them it has.
 */
async function findBest(
  connection: SqlConnection,
  { tenantId, scopeToken, filter, excludeIds, input }: CandidateQuery,
  asked: readonly string[],
): Promise<readonly SqlRow[]> {
  return await connection.all(
    `WITH hits AS MATERIALIZED (
       SELECT key.number, d.item_id, d.sequence, d.created_at, d.thread, d.place
       FROM unnest(?::bigint[]) WITH ORDINALITY key (value, number)
       JOIN search_documents d ON d.tenant_id = ? AND d.term_keys @> ARRAY[key.value]
       WHERE ${filter.sql} AND d.item_id <> ALL(?)),
     weights AS (
       SELECT hit.number, ln(1 + scope.document_count::float8 / count(*)) AS weight
       FROM hits hit JOIN search_scopes scope ON scope.tenant_id = ? AND scope.tenant_scope = ?
       GROUP BY hit.number, scope.document_count)
     SELECT hit.item_id, hit.thread, hit.place
     FROM hits hit JOIN weights w ON w.number = hit.number
     GROUP BY hit.item_id, hit.thread, hit.place, hit.created_at, hit.sequence
     ORDER BY sum(w.weight) DESC, hit.created_at DESC, hit.sequence DESC LIMIT ?`,
    asked.map((term) => toTermKey(scopeToken, term)),
    tenantId,
    ...filter.values,
    excludeIds,
    tenantId,
    scopeToken,
    input.limit,
  )
}

async function readStatistics(
  connection: SqlConnection,
  { tenantId, scopeToken, input }: CandidateQuery,
): Promise<SearchStatistics> {
  const terms = [...new Set(input.terms)].filter((term) => term.length > 0)
  const rows = await connection.all(
    `SELECT scope.document_count, scope.token_count, key.number,
       (SELECT count(*) FROM (SELECT 1 FROM search_documents d
          WHERE d.tenant_id = ? AND d.term_keys @> ARRAY[key.value] LIMIT ${countedUpTo}) counted)
     FROM search_scopes scope
     LEFT JOIN unnest(?::bigint[]) WITH ORDINALITY key (value, number) ON true
     WHERE scope.tenant_id = ? AND scope.tenant_scope = ? ORDER BY key.number`,
    tenantId,
    terms.map((term) => toTermKey(scopeToken, term)),
    tenantId,
    scopeToken,
  )
  return toStatistics(input.terms, rows, terms)
}

function messageFilter(input: MessageSearch): Conditions {
  const filter = new Conditions()
    .oneOf('d.role', input.roles)
    .equal('d.conversation_id', input.conversationId)
  addTimeRange(filter, input)
  return filter
}

function passageFilter(archiveId: string, input: PassageSearch): Conditions {
  const filter = new Conditions().add('d.role IS NULL')
  addTimeRange(filter, input)
  const tags = [...new Set(input.tags)]
  if (tags.length > 0) {
    filter.add(
      `(SELECT count(*) FROM passage_tags t WHERE t.tenant_id = d.tenant_id AND t.archive_id = ?
        AND t.passage_id = d.item_id AND t.tag = ANY(?)) >= ?`,
      archiveId,
      tags,
      input.tagMatch === 'all' ? tags.length : 1,
    )
  }
  return filter
}

function addTimeRange(
  filter: Conditions,
  range: { readonly from: number | null; readonly until: number | null },
): void {
  if (range.from !== null) filter.add('d.created_at >= ?', range.from)
  if (range.until !== null) filter.add('d.created_at <= ?', range.until)
}

/** Rows are the scope's counts with, for each looked-up term in order, in how many texts it is. */
function toStatistics(
  asked: readonly string[],
  rows: readonly SqlRow[],
  terms: readonly string[] = [],
): SearchStatistics {
  const documentFrequency: Record<string, number> = Object.fromEntries(
    asked.map((term) => [term, 0]),
  )
  for (const row of rows) {
    const term = row[2] === null ? undefined : terms[asInteger(row[2]) - 1]
    if (term !== undefined) documentFrequency[term] = asInteger(row[3])
  }
  return {
    documentCount: rows[0] === undefined ? 0 : asInteger(rows[0][0]),
    tokenCount: rows[0] === undefined ? 0 : asInteger(rows[0][1]),
    documentFrequency,
  }
}
