import {
  countedUpTo,
  type CandidateChoice,
  type SearchStatistics,
} from '../contract/search-store.ts'
import { chooseTerms, walkLimit } from '../engine/search-rows.ts'
import { asInteger, type SqlRow } from '../engine/sql-value.ts'
import type { CommonKeys } from './common-terms.ts'
import type { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import { toTermKey } from './term-key.ts'

/** Which texts of which scope are looked for. */
export interface CandidateQuery {
  readonly tenantId: string
  readonly scopeToken: string
  /** Conditions on the texts `d`. */
  readonly filter: Conditions
  readonly excludeIds: readonly string[]
  readonly input: CandidateChoice & { readonly terms: readonly string[] }
}

/** What the index says to a query. */
export interface Choice {
  readonly statistics: SearchStatistics
  /** The terms that the texts were chosen by. */
  readonly asked: readonly string[]
  /** The id, thread and place of each chosen text. */
  readonly texts: readonly SqlRow[]
}

/**
 * The texts with the rarest of the terms, newest first among equals, and in how many texts the terms are: each of their
 * places in the index is looked at once, and those of terms that are known to be common not at all.
 */
export async function chooseTexts(
  connection: SqlConnection,
  query: CandidateQuery,
): Promise<Choice> {
  const { scopeToken, input } = query
  const terms = [...new Set(input.terms)].filter((term) => term.length > 0)
  const keys = terms.map((term) => toTermKey(scopeToken, term))
  const common = connection.commonTerms.known(scopeToken, keys)
  const rows = await readHits(connection, query, { keys, common })
  const frequencies = countHits(connection, { scopeToken, keys, common, rows })
  const entries = input.terms.map((term) => [term, frequencies[terms.indexOf(term)] ?? 0] as const)
  const statistics = {
    documentCount: asInteger(rows[0]?.[0] ?? 0),
    tokenCount: asInteger(rows[0]?.[1] ?? 0),
    documentFrequency: Object.fromEntries(entries),
  }
  const asked = chooseTerms(input.terms, statistics)
  const [rarest = ''] = asked
  // Nothing was chosen in the database where even the rarest term has too many texts to go on from what was counted.
  const texts =
    (statistics.documentFrequency[rarest] ?? 0) >= countedUpTo
      ? await findNewest(connection, query, toTermKey(scopeToken, rarest))
      : rows.filter((row) => row[5] !== null).map((row) => row.slice(5))
  return { statistics, asked, texts }
}

/**
 * A row for each term that is in a text: the counts of the scope, how often something of it was removed, the number of the
 * term from 1 and its count. Then one for each chosen text. What is chosen by are the terms of {@link chooseTerms}, whose
 * rule stands here too, since the hits are too many to be sent here and back.
 */
async function readHits(
  connection: SqlConnection,
  { tenantId, scopeToken, filter, excludeIds, input }: CandidateQuery,
  { keys, common }: Pick<CountedHits, 'keys' | 'common'>,
): Promise<readonly SqlRow[]> {
  return await connection.all(
    `WITH hits AS MATERIALIZED (
       SELECT key.number, d.* FROM (
         SELECT value, number FROM unnest(?::bigint[]) WITH ORDINALITY each (value, number)
         WHERE NOT (value = ANY(?::bigint[]) AND ? = (
           SELECT removed FROM search_scopes WHERE tenant_id = ? AND tenant_scope = ?))) key
       CROSS JOIN LATERAL (
         SELECT d.tenant_id, d.item_id, d.role, d.conversation_id, d.sequence, d.created_at, d.thread, d.place
         FROM search_documents d WHERE (d.tenant_id = ?) IS TRUE AND d.term_keys @> ARRAY[key.value]
         LIMIT ${countedUpTo}) d),
     scope AS MATERIALIZED (
       SELECT document_count, token_count, removed FROM search_scopes
       WHERE tenant_id = ? AND tenant_scope = ?),
     frequencies AS MATERIALIZED (SELECT number, count(*) AS texts FROM hits GROUP BY number),
     chosen AS (
       SELECT number FROM (
         SELECT number, sum(texts) OVER (ORDER BY texts, number) AS walked FROM frequencies) rarest
       WHERE walked <= ${walkLimit}),
     passing AS MATERIALIZED (
       SELECT d.* FROM hits d JOIN chosen ON chosen.number = d.number
       WHERE ${filter.sql} AND d.item_id <> ALL(?)),
     weights AS (
       SELECT passing.number, ln(1 + scope.document_count::float8 / count(*)) AS weight
       FROM passing CROSS JOIN scope GROUP BY passing.number, scope.document_count),
     best AS (
       SELECT p.item_id, p.thread, p.place FROM passing p JOIN weights w ON w.number = p.number
       GROUP BY p.item_id, p.thread, p.place, p.created_at, p.sequence
       ORDER BY sum(w.weight) DESC, p.created_at DESC, p.sequence DESC LIMIT ?)
     SELECT scope.document_count, scope.token_count, scope.removed, f.number, f.texts,
       NULL::text, NULL::text, NULL::bigint
     FROM scope LEFT JOIN frequencies f ON true
     UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, item_id, thread, place FROM best`,
    keys,
    common.keys,
    common.removed,
    tenantId,
    scopeToken,
    tenantId,
    tenantId,
    scopeToken,
    ...filter.values,
    excludeIds,
    input.limit,
  )
}

/** In how many texts each term is, as its row says or as was known before; what is common is remembered. */
function countHits(
  connection: SqlConnection,
  { scopeToken, keys, common, rows }: CountedHits,
): readonly number[] {
  const [first] = rows
  if (first === undefined) return []
  const removed = asInteger(first[2])
  const isKnown = new Set(common.removed === removed ? common.keys : [])
  const counted = new Map(
    rows
      .filter((row) => row[3] !== null)
      .map((row) => [asInteger(row[3]), asInteger(row[4])] as const),
  )
  const frequencies = keys.map((key, index) =>
    isKnown.has(key) ? countedUpTo : (counted.get(index + 1) ?? 0),
  )
  const seen = keys.filter((_, index) => (frequencies[index] ?? 0) >= countedUpTo)
  connection.commonTerms.learn(scopeToken, { removed, keys: seen })
  return frequencies
}

interface CountedHits {
  readonly scopeToken: string
  readonly keys: readonly string[]
  /** Those of the keys that were known to be common when the rows were asked for. */
  readonly common: CommonKeys
  /** See {@link readHits}. */
  readonly rows: readonly SqlRow[]
}

/** The newest texts with one term. */
async function findNewest(
  connection: SqlConnection,
  { tenantId, filter, excludeIds, input }: CandidateQuery,
  key: string,
): Promise<readonly SqlRow[]> {
  return await connection.all(
    `SELECT d.item_id, d.thread, d.place FROM search_documents d
     WHERE (d.tenant_id = ?) IS TRUE AND d.term_keys @> ARRAY[?::bigint] AND ${filter.sql} AND d.item_id <> ALL(?)
     ORDER BY d.created_at DESC, d.sequence DESC LIMIT ?`,
    tenantId,
    key,
    ...filter.values,
    excludeIds,
    input.limit,
  )
}
