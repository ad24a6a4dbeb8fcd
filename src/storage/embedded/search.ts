import type { TenantScope } from '../../domain/scope.ts'
import type {
  CandidateChoice,
  Candidates,
  MessageSearch,
  PassageSearch,
  SearchStatistics,
  SearchStore,
} from '../contract/search-store.ts'
import {
  chooseTerms,
  documentColumns,
  toDocuments,
  toPlaceRanges,
  type PlaceRange,
} from '../engine/search-rows.ts'
import { factScope } from '../engine/fact-table.ts'
import { toIndexTerm, toScopeToken } from '../engine/search-tokens.ts'
import { asInteger, asText, type SqlRow } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import type { Operations } from './operation.ts'
import { resolveArchive } from './passages.ts'

/** Finding candidates. */
export const searchOperations: Operations<keyof SearchStore> = {
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
    if (archiveId === null) return withoutScope(input.terms)
    const { tenantId } = scope
    return findCandidates(connection, {
      tenantId,
      scopeToken: toScopeToken({ kind: 'passages', tenantId, ownerId: archiveId }),
      filter: passageFilter(scope, archiveId, input),
      excludeIds: [],
      input,
    })
  },

  searchFacts(connection, scope, input) {
    requireAgent(connection, scope, input.agentId)
    const { tenantId } = scope
    const filter = new Conditions().add('d.role IS NULL')
    addTimeRange(filter, input)
    const scopeToken = factScope(tenantId, input.agentId)
    return findCandidates(connection, { tenantId, scopeToken, filter, excludeIds: [], input })
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

function findCandidates(connection: Connection, query: CandidateQuery): Candidates {
  const statistics = readStatistics(connection, query)
  const isComplete = statistics.documentCount <= (query.input.completeUpTo ?? 0)
  const asked = chooseTerms(query.input.terms, statistics)
  const rows = isComplete
    ? readTexts(connection, query, wholeScope)
    : readChosen(connection, query, asked)
  const documents = toDocuments(rows, query.input.terms)
  return { documents, isComplete, asked: isComplete ? query.input.terms : asked, statistics }
}

/** The best texts by the index's own ranking, newest first among equals, with their neighbours. */
function readChosen(
  connection: Connection,
  query: CandidateQuery,
  asked: readonly string[],
): readonly SqlRow[] {
  if (asked.length === 0) return []
  const { tenantId, scopeToken, filter, input } = query
  const chosen = connection.all(
    `SELECT d.document, d.thread, d.place FROM search_index
     JOIN search_documents d ON d.document = search_index.rowid
     WHERE search_index MATCH ? AND d.tenant_id = ? AND d.tenant_scope = ? AND ${filter.sql}
       AND d.item_id NOT IN (SELECT value FROM json_each(?))
     ORDER BY bm25(search_index, 3.0, 4.0, 2.0), d.created_at DESC, d.document DESC LIMIT ?`,
    asked.map((term) => `"${toIndexTerm(scopeToken, term)}"`).join(' OR '),
    tenantId,
    scopeToken,
    ...filter.values,
    JSON.stringify(query.excludeIds),
    input.limit,
  )
  const neighbours = input.neighbours ?? 0
  const placed = chosen.flatMap(([, thread, place]) =>
    place === null ? [] : [{ thread: asText(thread), place: asInteger(place) }],
  )
  const numbers = chosen.flatMap(([document, , place]) =>
    place === null || neighbours === 0 ? [asInteger(document)] : [],
  )
  const ranges = neighbours === 0 ? [] : toPlaceRanges(placed, neighbours)
  return [
    ...(numbers.length === 0 ? [] : readTexts(connection, query, byNumber(numbers))),
    ...(ranges.length === 0 ? [] : readTexts(connection, query, byPlace(ranges))),
  ]
}

/** Which texts `d` of a scope to read: a FROM clause with its values. */
interface TextSource {
  readonly sql: string
  readonly values: readonly string[]
}

const wholeScope: TextSource = { sql: 'search_documents d', values: [] }

/** CROSS JOIN has each wanted text looked up; left to itself the planner reads the whole scope instead. */
function byNumber(documents: readonly number[]): TextSource {
  return {
    sql: 'json_each(?) wanted CROSS JOIN search_documents d ON d.document = wanted.value',
    values: [JSON.stringify(documents.toSorted((left, right) => left - right))],
  }
}

/** As {@link byNumber}, for stretches that do not overlap. */
function byPlace(ranges: readonly PlaceRange[]): TextSource {
  return {
    sql: `json_each(?) wanted CROSS JOIN search_documents d ON d.thread = wanted.value ->> 'thread'
       AND d.place BETWEEN wanted.value ->> 'first' AND wanted.value ->> 'last'`,
    values: [JSON.stringify(ranges)],
  }
}

/** Texts of the scope, each with whether it passes the filter. */
function readTexts(
  connection: Connection,
  { tenantId, scopeToken, filter, excludeIds }: CandidateQuery,
  source: TextSource,
): readonly SqlRow[] {
  return connection.all(
    `SELECT d.document, ${filter.sql}, ${documentColumns} FROM ${source.sql}
     WHERE d.tenant_id = ? AND d.tenant_scope = ?
       AND d.item_id NOT IN (SELECT value FROM json_each(?))`,
    ...filter.values,
    ...source.values,
    tenantId,
    scopeToken,
    JSON.stringify(excludeIds),
  )
}

function messageFilter(input: MessageSearch): Conditions {
  const filter = new Conditions()
    .oneOf('d.role', input.roles)
    .equal('d.conversation_id', input.conversationId)
  addTimeRange(filter, input)
  return filter
}

function passageFilter(scope: TenantScope, archiveId: string, input: PassageSearch): Conditions {
  const filter = new Conditions().add('d.role IS NULL')
  addTimeRange(filter, input)
  const tags = [...new Set(input.tags)]
  if (tags.length > 0) {
    filter.add(
      `(SELECT count(*) FROM passage_tags t WHERE t.tenant_id = d.tenant_id AND t.archive_id = ?
        AND t.passage_id = d.item_id AND t.tag IN (SELECT value FROM json_each(?))) >= ?`,
      archiveId,
      JSON.stringify(tags),
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

function readStatistics(
  connection: Connection,
  { tenantId, scopeToken, input }: CandidateQuery,
): SearchStatistics {
  const scope = connection.get(
    `SELECT document_count, token_count FROM search_scopes WHERE tenant_id = ? AND tenant_scope = ?`,
    tenantId,
    scopeToken,
  )
  if (scope === undefined) return withoutScope(input.terms).statistics
  const documentFrequency = Object.fromEntries(
    input.terms.map((term) => {
      const row = connection.get(
        `SELECT entry.doc FROM search_scopes scope JOIN search_vocabulary entry ON entry.term = ?
         WHERE scope.tenant_id = ? AND scope.tenant_scope = ?`,
        toIndexTerm(scopeToken, term),
        tenantId,
        scopeToken,
      )
      return [term, row === undefined ? 0 : asInteger(row[0])]
    }),
  )
  return {
    documentCount: asInteger(scope[0]),
    tokenCount: asInteger(scope[1]),
    documentFrequency,
  }
}

function withoutScope(terms: readonly string[]): Candidates {
  const documentFrequency = Object.fromEntries(terms.map((term) => [term, 0]))
  const statistics = { documentCount: 0, tokenCount: 0, documentFrequency }
  return { documents: [], isComplete: true, asked: [], statistics }
}
