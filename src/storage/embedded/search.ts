import { passageTable } from '../engine/archive-tables.ts'
import { messageTable } from '../engine/message-table.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type {
  Candidates,
  MessageSearch,
  PassageSearch,
  SearchStatistics,
  SearchStore,
} from '../contract/search-store.ts'
import { requireAgent } from './agent-rows.ts'
import { Conditions } from './conditions.ts'
import type { Connection } from './connection.ts'
import type { Operations } from './operation.ts'
import { resolveArchive } from './passages.ts'
import { fromIndexToken, toIndexToken, toScopeToken } from '../engine/search-tokens.ts'
import { asInteger, asText, type SqlRow } from '../engine/sql-value.ts'

const noCandidates: Candidates<never> = {
  items: [],
  statistics: { documentCount: 0, tokenCount: 0, documentFrequency: {} },
}

/** What is searched for, bound in two parts: the scope, which holds the tenant, and the terms. */
const match = `('tenant_scope:' || ? || ' AND tokens:(' || ? || ')')`

/** Finding candidates. */
export const searchOperations: Operations<keyof SearchStore> = {
  searchMessages(connection, scope, input) {
    requireAgent(connection, scope, input.agentId)
    const scopeToken = toScopeToken({
      kind: 'messages',
      tenantId: scope.tenantId,
      ownerId: input.agentId,
    })
    const rows = findCandidates(connection, {
      select: messageTable.list('m'),
      join: 'JOIN messages m ON m.tenant_id = d.tenant_id AND m.id = d.item_id',
      filter: messageFilter(scope, input),
      query: { scopeToken, terms: input.terms },
      limit: input.limit,
    })
    return {
      items: rows.map((row) => ({ item: messageTable.read(row, 1), tokens: toTokens(row) })),
      statistics: readStatistics(connection, scope.tenantId, { scopeToken, terms: input.terms }),
    }
  },

  searchPassages(connection, scope, input) {
    const archiveId = resolveArchive(connection, scope, input)
    if (archiveId === null) return withAbsentTerms(input.terms)
    const scopeToken = toScopeToken({
      kind: 'passages',
      tenantId: scope.tenantId,
      ownerId: archiveId,
    })
    const rows = findCandidates(connection, {
      select: passageTable.list('s'),
      join: 'JOIN passages s ON s.tenant_id = d.tenant_id AND s.id = d.item_id',
      filter: passageFilter(scope, archiveId, input),
      query: { scopeToken, terms: input.terms },
      limit: input.limit,
    })
    return {
      items: rows.map((row) => ({ item: passageTable.read(row, 1), tokens: toTokens(row) })),
      statistics: readStatistics(connection, scope.tenantId, { scopeToken, terms: input.terms }),
    }
  },
}

/** Which scope and terms a search is about. */
interface ScopedTerms {
  readonly scopeToken: string
  readonly terms: readonly string[]
}

interface CandidateQuery {
  /** The columns of the item. */
  readonly select: string
  /** How the item is joined to the documents `d`. */
  readonly join: string
  readonly filter: Conditions
  readonly query: ScopedTerms
  readonly limit: number
}

/** The best documents by the index's own ranking, newest first among equals. */
function findCandidates(connection: Connection, search: CandidateQuery): SqlRow[] {
  const terms = toAlternatives(search.query.terms)
  if (terms === null) return []
  return connection.all(
    `SELECT d.tokens, ${search.select} FROM (
       SELECT d.document, bm25(search_index, 0.0, 1.0) AS score FROM search_index
       JOIN search_documents d ON d.document = search_index.rowid
       WHERE search_index MATCH ${match} AND ${search.filter.sql}
       ORDER BY score, d.created_at DESC, d.document DESC LIMIT ?
     ) best JOIN search_documents d ON d.document = best.document ${search.join}
     ORDER BY best.score, d.created_at DESC, d.document DESC`,
    search.query.scopeToken,
    terms,
    ...search.filter.values,
    search.limit,
  )
}

function toAlternatives(terms: readonly string[]): string | null {
  const words = [...new Set(terms)].filter((term) => term.length > 0)
  return words.length === 0 ? null : words.map((term) => `"${toIndexToken(term)}"`).join(' OR ')
}

function messageFilter(scope: TenantScope, input: MessageSearch): Conditions {
  const filter = new Conditions()
    .add('d.tenant_id = ?', scope.tenantId)
    .oneOf('d.role', input.roles)
    .equal('d.conversation_id', input.conversationId)
  addTimeRange(filter, input)
  if (input.excludeIds.length > 0) {
    filter.add(
      'd.item_id NOT IN (SELECT value FROM json_each(?))',
      JSON.stringify(input.excludeIds),
    )
  }
  return filter
}

function passageFilter(scope: TenantScope, archiveId: string, input: PassageSearch): Conditions {
  const filter = new Conditions().add('d.tenant_id = ?', scope.tenantId)
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

function toTokens(row: SqlRow): string[] {
  const tokens = asText(row[0])
  return tokens === '' ? [] : tokens.split(' ').map(fromIndexToken)
}

function readStatistics(
  connection: Connection,
  tenantId: string,
  query: ScopedTerms,
): SearchStatistics {
  const scope = connection.get(
    `SELECT document_count, token_count FROM search_scopes WHERE tenant_id = ? AND tenant_scope = ?`,
    tenantId,
    query.scopeToken,
  )
  if (scope === undefined) return withAbsentTerms(query.terms).statistics
  const documentFrequency = Object.fromEntries(
    query.terms.map((term) => [term, countDocuments(connection, query.scopeToken, term)]),
  )
  return {
    documentCount: asInteger(scope[0]),
    tokenCount: asInteger(scope[1]),
    documentFrequency,
  }
}

function countDocuments(connection: Connection, scopeToken: string, term: string): number {
  const terms = toAlternatives([term])
  if (terms === null) return 0
  const row = connection.get(
    `SELECT count(*) FROM search_index WHERE search_index MATCH ${match}`,
    scopeToken,
    terms,
  )
  return asInteger(row?.[0])
}

function withAbsentTerms(terms: readonly string[]): Candidates<never> {
  const documentFrequency = Object.fromEntries(terms.map((term) => [term, 0]))
  return { ...noCandidates, statistics: { ...noCandidates.statistics, documentFrequency } }
}
