import { countedUpTo, type SearchStatistics } from '../contract/search-store.ts'
import type { CandidateQuery, Choice } from '../engine/candidate-query.ts'
import { chooseCandidates, toChoiceWeight } from '../engine/choose-candidates.ts'
import type { ChosenText, TermHits } from '../engine/marked-places.ts'
import { chooseTerms, withoutScope } from '../engine/search-rows.ts'
import { toIndexTerm } from '../engine/search-tokens.ts'
import { asInteger, asText, type SqlInput, type SqlRow } from '../engine/sql-value.ts'
import type { Connection } from './connection.ts'

/**
 * Chooses texts by the lists that the index has of its terms, without looking at any text, and tells number, thread and place
 * of each. It numbers texts as they are stored; those of one conversation mostly follow each other, so what is near in number is
 * taken for what stands around.
 */
export function chooseTexts(
  connection: Connection,
  query: CandidateQuery<SqlInput>,
): Choice<readonly SqlRow[]> {
  const { input } = query
  const { statistics, lists } = readLists(connection, query)
  const asked = chooseTerms(input.terms, statistics)
  const frequencies = asked.map((term) => statistics.documentFrequency[term] ?? 0)
  const [rarest] = asked
  if (rarest === undefined) return { statistics, asked, texts: [] }
  if ((frequencies[0] ?? 0) >= countedUpTo) {
    return { statistics, asked, texts: findNewest(connection, query, rarest) }
  }
  const hits = asked.map((term, index): TermHits => {
    const numbers = lists.get(term) ?? []
    return { term: index, thread: '', places: numbers, numbers, isEligible: true }
  })
  const weights = frequencies.map((texts) => toChoiceWeight(texts, statistics.documentCount))
  const texts = pickPassing(connection, query, (limit) =>
    chooseCandidates(hits, { weights, limit }),
  )
  return { statistics, asked, texts }
}

interface TermLists {
  readonly statistics: SearchStatistics
  /** The numbers of the texts with each term, of which there are some and not more than are counted. */
  readonly lists: ReadonlyMap<string, readonly number[]>
}

/** The lists of all terms but of those that are known to be common. */
function readLists(
  connection: Connection,
  { tenantId, scopeToken, input }: CandidateQuery<SqlInput>,
): TermLists {
  const lists = new Map<string, readonly number[]>()
  const scope = connection.get(
    `SELECT document_count, token_count, removed FROM search_scopes
     WHERE tenant_id = ? AND tenant_scope = ?`,
    tenantId,
    scopeToken,
  )
  if (scope === undefined) return { statistics: withoutScope(input.terms), lists }
  const removed = asInteger(scope[2])
  const known = connection.commonTerms.known(scopeToken, input.terms)
  const common = new Set(known.removed === removed ? known.keys : [])
  for (const term of new Set(input.terms)) {
    if (term === '' || common.has(term)) continue
    const numbers = readList(connection, { tenantId, scopeToken, term })
    if (numbers.length >= countedUpTo) common.add(term)
    else lists.set(term, numbers)
  }
  connection.commonTerms.learn(scopeToken, { removed, keys: [...common] })
  const frequencies = input.terms.map(
    (term) => [term, common.has(term) ? countedUpTo : (lists.get(term)?.length ?? 0)] as const,
  )
  const statistics = {
    documentCount: asInteger(scope[0]),
    tokenCount: asInteger(scope[1]),
    documentFrequency: Object.fromEntries(frequencies),
  }
  return { statistics, lists }
}

function readList(
  connection: Connection,
  of: { readonly tenantId: string; readonly scopeToken: string; readonly term: string },
): readonly number[] {
  const row = connection.get(
    `SELECT json_group_array(document) FROM (
       SELECT entry.rowid AS document
       FROM search_scopes scope CROSS JOIN search_index entry ON entry.search_index MATCH ?
       WHERE scope.tenant_id = ? AND scope.tenant_scope = ? LIMIT ${countedUpTo})`,
    toMatch(of.scopeToken, of.term),
    of.tenantId,
    of.scopeToken,
  )
  return JSON.parse(asText(row?.[0])) as number[]
}

function toMatch(scopeToken: string, term: string): string {
  return `"${toIndexTerm(scopeToken, term)}"`
}

/**
 * The best texts that pass the filters, best first. Looking at a text costs more than ranking it, so no more are looked at than
 * seem needed, then twice as many until there are enough.
 */
function pickPassing(
  connection: Connection,
  query: CandidateQuery<SqlInput>,
  choose: (limit: number) => readonly ChosenText[],
): readonly SqlRow[] {
  const { limit } = query.input
  const passing: SqlRow[] = []
  let [from, count] = [0, limit + query.excludeIds.length]
  let ranked = choose(count)
  while (passing.length < limit && from < ranked.length) {
    const numbers = ranked.slice(from, from + count).map(({ number }) => number)
    const rows = new Map(findPassing(connection, query, numbers).map((row) => [row[0], row]))
    passing.push(...numbers.map((number) => rows.get(number)).filter((row) => row !== undefined))
    if (from === 0 && passing.length < limit) ranked = choose(Number.POSITIVE_INFINITY)
    from += count
    count *= 2
  }
  return passing.slice(0, limit)
}

function findPassing(
  connection: Connection,
  { tenantId, scopeToken, filter, excludeIds }: CandidateQuery<SqlInput>,
  numbers: readonly number[],
): readonly SqlRow[] {
  return connection.all(
    `SELECT d.document, d.thread, d.place
     FROM json_each(?) wanted CROSS JOIN search_documents d ON d.document = wanted.value
     WHERE d.tenant_id = ? AND d.tenant_scope = ? AND ${filter.sql}
       AND d.item_id NOT IN (SELECT value FROM json_each(?))`,
    JSON.stringify(numbers.toSorted((left, right) => left - right)),
    tenantId,
    scopeToken,
    ...filter.values,
    JSON.stringify(excludeIds),
  )
}

/** The newest texts with one term that pass the filters. */
function findNewest(
  connection: Connection,
  { tenantId, scopeToken, filter, excludeIds, input }: CandidateQuery<SqlInput>,
  term: string,
): readonly SqlRow[] {
  return connection.all(
    `SELECT d.document, d.thread, d.place
     FROM search_index entry CROSS JOIN search_documents d ON d.document = entry.rowid
     WHERE entry.search_index MATCH ? AND d.tenant_id = ? AND d.tenant_scope = ? AND ${filter.sql}
       AND d.item_id NOT IN (SELECT value FROM json_each(?))
     ORDER BY entry.rowid DESC LIMIT ?`,
    toMatch(scopeToken, term),
    tenantId,
    scopeToken,
    ...filter.values,
    JSON.stringify(excludeIds),
    input.limit,
  )
}
