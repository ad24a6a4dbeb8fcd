import { passageTable } from '../engine/archive-tables.ts'
import { messageTable } from '../engine/message-table.ts'
import type {
  MessageSearch,
  PassageSearch,
  SearchStatistics,
  SearchStore,
} from '../contract/search-store.ts'
import { fromIndexToken, toScopeToken } from '../engine/search-tokens.ts'
import { asInteger, asText, type SqlRow } from '../engine/sql-value.ts'
import { requireAgent } from './agent-rows.ts'
import { Conditions } from './conditions.ts'
import type { Operations } from './operation.ts'
import { resolveArchive } from './passages.ts'
import type { SqlConnection } from './sql-connection.ts'
import { toTermKey } from './term-key.ts'

/** Finding candidates. */
export const searchOperations: Operations<keyof SearchStore> = {
  async searchMessages(connection, scope, input) {
    const { tenantId } = scope
    const [, found] = await Promise.all([
      requireAgent(connection, scope, input.agentId),
      findCandidates(connection, tenantId, {
        select: messageTable.list('m'),
        join: 'JOIN messages m ON m.tenant_id = best.tenant_id AND m.id = best.item_id',
        filter: messageFilter(input),
        scopeToken: toScopeToken({ kind: 'messages', tenantId, ownerId: input.agentId }),
        terms: input.terms,
        limit: input.limit,
      }),
    ])
    return {
      items: found.rows.map((row) => ({ item: messageTable.read(row, 1), tokens: toTokens(row) })),
      statistics: found.statistics,
    }
  },

  async searchPassages(connection, scope, input) {
    const { tenantId } = scope
    const archiveId = await resolveArchive(connection, scope, input)
    if (archiveId === null) return { items: [], statistics: toStatistics(input.terms, []) }
    const found = await findCandidates(connection, tenantId, {
      select: passageTable.list('s'),
      join: 'JOIN passages s ON s.tenant_id = best.tenant_id AND s.id = best.item_id',
      filter: passageFilter(archiveId, input),
      scopeToken: toScopeToken({ kind: 'passages', tenantId, ownerId: archiveId }),
      terms: input.terms,
      limit: input.limit,
    })
    return {
      items: found.rows.map((row) => ({ item: passageTable.read(row, 1), tokens: toTokens(row) })),
      statistics: found.statistics,
    }
  },
}

interface CandidateQuery {
  /** The columns of the item. */
  readonly select: string
  /** How the item is joined to the `best` texts. */
  readonly join: string
  /** Conditions on the texts `d`. */
  readonly filter: Conditions
  readonly scopeToken: string
  readonly terms: readonly string[]
  readonly limit: number
}

interface Found {
  readonly rows: readonly SqlRow[]
  readonly statistics: SearchStatistics
}

/**
 * The texts with the rarest of the terms, newest first among equals. Each term is looked up in the index by itself,
 * so that the stored terms of a text need not be read to know which of them it has.
 */
async function findCandidates(
  connection: SqlConnection,
  tenantId: string,
  search: CandidateQuery,
): Promise<Found> {
  const terms = [...new Set(search.terms)].filter((term) => term.length > 0)
  const keys = terms.map((term) => toTermKey(search.scopeToken, term))
  const [rows, statistics] = await Promise.all([
    keys.length === 0 ? [] : findBest(connection, tenantId, { ...search, keys }),
    connection.all(
      `SELECT scope.document_count, scope.token_count, key.number,
         (SELECT count(*) FROM search_documents d
          WHERE d.tenant_id = ? AND d.term_keys @> ARRAY[key.value])
       FROM search_scopes scope
       LEFT JOIN unnest(?::bigint[]) WITH ORDINALITY key (value, number) ON true
       WHERE scope.tenant_id = ? AND scope.tenant_scope = ? ORDER BY key.number`,
      tenantId,
      keys,
      tenantId,
      search.scopeToken,
    ),
  ])
  return { rows, statistics: toStatistics(search.terms, statistics, terms) }
}

async function findBest(
  connection: SqlConnection,
  tenantId: string,
  search: CandidateQuery & { readonly keys: readonly string[] },
): Promise<readonly SqlRow[]> {
  return await connection.all(
    `WITH hits AS MATERIALIZED (
       SELECT key.number, d.tenant_id, d.item_id, d.sequence, d.created_at
       FROM unnest(?::bigint[]) WITH ORDINALITY key (value, number)
       JOIN search_documents d ON d.tenant_id = ? AND d.term_keys @> ARRAY[key.value]
       WHERE ${search.filter.sql}),
     weights AS (
       SELECT hit.number, ln(1 + scope.document_count::float8 / count(*)) AS weight
       FROM hits hit JOIN search_scopes scope ON scope.tenant_id = ? AND scope.tenant_scope = ?
       GROUP BY hit.number, scope.document_count),
     best AS (
       SELECT hit.tenant_id, hit.item_id, hit.created_at, hit.sequence, sum(w.weight) AS score
       FROM hits hit JOIN weights w ON w.number = hit.number
       GROUP BY hit.tenant_id, hit.item_id, hit.created_at, hit.sequence
       ORDER BY score DESC, hit.created_at DESC, hit.sequence DESC LIMIT ?)
     SELECT d.tokens, ${search.select} FROM best
     JOIN search_documents d ON d.tenant_id = best.tenant_id AND d.item_id = best.item_id
     ${search.join}
     ORDER BY best.score DESC, best.created_at DESC, best.sequence DESC`,
    search.keys,
    tenantId,
    ...search.filter.values,
    tenantId,
    search.scopeToken,
    search.limit,
  )
}

function messageFilter(input: MessageSearch): Conditions {
  const filter = new Conditions()
    .oneOf('d.role', input.roles)
    .equal('d.conversation_id', input.conversationId)
  addTimeRange(filter, input)
  if (input.excludeIds.length > 0) filter.add('d.item_id <> ALL(?)', input.excludeIds)
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

function toTokens(row: SqlRow): string[] {
  const tokens = asText(row[0])
  return tokens === '' ? [] : tokens.split(' ').map(fromIndexToken)
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
