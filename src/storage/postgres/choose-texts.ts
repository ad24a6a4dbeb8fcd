import { countedUpTo } from '../contract/search-store.ts'
import type { CandidateQuery, Choice } from '../engine/candidate-query.ts'
import {
  chooseCandidates,
  toChoiceWeight,
  type ChosenText,
  type TermHits,
} from '../engine/choose-candidates.ts'
import type { CommonKeys } from '../engine/common-terms.ts'
import { chooseTerms, toPlaces, walkLimit } from '../engine/search-rows.ts'
import { asInteger, asText, type SqlRow } from '../engine/sql-value.ts'
import type { SqlConnection, SqlValue } from './sql-connection.ts'
import { toTermKey } from './term-key.ts'

/** Texts that were chosen. */
export interface ChosenTexts {
  /** Where those stand that have a place. */
  readonly places: readonly { readonly thread: string; readonly place: number }[]
  /** The others, by their ids. */
  readonly alone: readonly string[]
}

/**
 * Chooses texts, and says in how many the terms are: each text of a term is looked at once, and those of terms that are known
 * to be common not at all.
 */
export async function chooseTexts(
  connection: SqlConnection,
  query: CandidateQuery<SqlValue>,
): Promise<Choice<ChosenTexts>> {
  const { scopeToken, input } = query
  const terms = [...new Set(input.terms)].filter((term) => term.length > 0)
  const keys = terms.map((term) => toTermKey(scopeToken, term))
  const common = connection.commonTerms.known(scopeToken, keys)
  const rows = await readHits(connection, query, { keys, common })
  const counts = countHits(connection, { scopeToken, keys, common, rows })
  const entries = input.terms.map((term) => [term, counts[terms.indexOf(term)] ?? 0] as const)
  const statistics = {
    documentCount: asInteger(rows[0]?.[0] ?? 0),
    tokenCount: asInteger(rows[0]?.[1] ?? 0),
    documentFrequency: Object.fromEntries(entries),
  }
  const asked = chooseTerms(input.terms, statistics)
  const frequencies = asked.map((term) => statistics.documentFrequency[term] ?? 0)
  const [rarest = ''] = asked
  // The database gave no list where even the rarest term has too many texts to go on from what was counted.
  if ((frequencies[0] ?? 0) >= countedUpTo) {
    const texts = await findNewest(connection, query, toTermKey(scopeToken, rarest))
    return { statistics, asked, texts }
  }
  const lists = rows.filter((row) => row[5] !== null).map(toTermList)
  const hits = lists.map((list) => ({ ...list, term: asked.indexOf(terms[list.term] ?? '') }))
  const weights = frequencies.map((texts) => toChoiceWeight(texts, statistics.documentCount))
  const chosen = chooseCandidates(hits, { weights, limit: input.limit })
  return { statistics, asked, texts: toChosenTexts(lists, chosen) }
}

/** Hits with the ids of their texts where these have no place. */
interface TermList extends TermHits {
  readonly ids: readonly string[]
}

/** What is added to the name of a thread for the texts that have no place in it. */
const withoutPlaces = '\n'

/** Texts without a place are kept so far apart that none stands around another. */
const apart = 10

function toTermList(row: SqlRow): TermList {
  const [number, , thread, passes, sequences, places, ids] = row.slice(3)
  const numbers = toNumbers(asText(sequences))
  const list = { term: asInteger(number) - 1, numbers, isEligible: passes === 1 }
  if (ids === null)
    return { ...list, thread: asText(thread), places: toNumbers(asText(places)), ids: [] }
  return {
    ...list,
    thread: `${asText(thread)}${withoutPlaces}`,
    places: numbers.map((sequence) => sequence * apart),
    ids: JSON.parse(asText(ids)) as string[],
  }
}

/** The numbers of a list as the server writes it: `{1,2}`. */
function toNumbers(list: string): readonly number[] {
  return JSON.parse(`[${list.slice(1, -1)}]`) as number[]
}

function toChosenTexts(lists: readonly TermList[], chosen: readonly ChosenText[]): ChosenTexts {
  const unplaced = lists.flatMap(({ numbers, ids }) =>
    ids.map((id, index) => [numbers[index] ?? 0, id] as const),
  )
  const idOf = new Map(unplaced)
  return {
    places: chosen.filter(({ number }) => !idOf.has(number)),
    alone: chosen.flatMap(({ number }) => idOf.get(number) ?? []),
  }
}

/**
 * A row with the counts of the scope, how often something of it was removed, the number of a term from 1 and its count, for
 * each term that is in a text. Those of {@link chooseTerms}, whose rule stands here too as not all hits can be sent, have
 * one for each thread they are in: whether the texts pass, their sequences and places, and their ids where they have none.
 */
async function readHits(
  connection: SqlConnection,
  { tenantId, scopeToken, filter, excludeIds }: CandidateQuery<SqlValue>,
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
     frequencies AS MATERIALIZED (SELECT number, count(*) AS texts FROM hits GROUP BY number),
     chosen AS (
       SELECT number FROM (
         SELECT number, sum(texts) OVER (ORDER BY texts, number) AS walked FROM frequencies) rarest
       WHERE walked <= ${walkLimit}),
     lists AS (
       SELECT d.number, d.thread, (${filter.sql})::int AS passes, array_agg(d.sequence)::text AS sequences,
         array_agg(d.place)::text AS places,
         CASE WHEN d.place IS NULL THEN to_json(array_agg(d.item_id))::text END AS ids
       FROM hits d JOIN chosen ON chosen.number = d.number
       WHERE d.item_id <> ALL(?) GROUP BY 1, 2, 3, d.place IS NULL)
     SELECT scope.document_count, scope.token_count, scope.removed, f.number, f.texts,
       l.thread, l.passes, l.sequences, l.places, l.ids
     FROM search_scopes scope LEFT JOIN frequencies f ON true LEFT JOIN lists l ON l.number = f.number
     WHERE scope.tenant_id = ? AND scope.tenant_scope = ?`,
    keys,
    common.keys,
    common.removed,
    tenantId,
    scopeToken,
    tenantId,
    ...filter.values,
    excludeIds,
    tenantId,
    scopeToken,
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
  { tenantId, filter, excludeIds, input }: CandidateQuery<SqlValue>,
  key: string,
): Promise<ChosenTexts> {
  const rows = await connection.all(
    `SELECT d.item_id, d.thread, d.place FROM search_documents d
     WHERE (d.tenant_id = ?) IS TRUE AND d.term_keys @> ARRAY[?::bigint] AND ${filter.sql} AND d.item_id <> ALL(?)
     ORDER BY d.created_at DESC, d.sequence DESC LIMIT ?`,
    tenantId,
    key,
    ...filter.values,
    excludeIds,
    input.limit,
  )
  const unplaced = rows.filter((row) => row[2] === null)
  return { places: toPlaces(rows, 1), alone: unplaced.map(([id]) => asText(id)) }
}
