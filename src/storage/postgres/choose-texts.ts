import { countedUpTo } from '../contract/search-store.ts'
import type { Choice } from '../engine/candidate-query.ts'
import { chooseCandidates, toChoiceWeight } from '../engine/choose-candidates.ts'
import type { ChosenText, TermHits } from '../engine/marked-places.ts'
import { chooseTerms, toPlaces } from '../engine/search-rows.ts'
import { asInteger } from '../engine/sql-value.ts'
import type { ThreadList } from './held-lists.ts'
import type { SqlConnection } from './sql-connection.ts'
import { toTermKey } from './term-key.ts'
import { readTermLists, type ListQuery } from './term-lists.ts'

/** Texts that were chosen. */
export interface ChosenTexts {
  /** Where those stand that have a place. */
  readonly places: readonly { readonly thread: string; readonly place: number }[]
  /** The others, by their sequences. */
  readonly alone: readonly number[]
}

/** Chooses texts by the lists of the terms, and says in how many the terms are. */
export async function chooseTexts(
  connection: SqlConnection,
  query: ListQuery,
): Promise<Choice<ChosenTexts>> {
  const { scopeToken, input } = query
  const terms = [...new Set(input.terms)].filter((term) => term.length > 0)
  const keys = terms.map((term) => toTermKey(scopeToken, term))
  const [index, excluded] = await Promise.all([
    readTermLists(connection, query, keys),
    readExcluded(connection, query),
  ])
  const { documentCount, tokenCount } = index
  const lists = new Map(terms.map((term, number) => [term, index.lists[number]]))
  const frequencies = input.terms.map((term) => [term, lists.get(term)?.texts ?? 0] as const)
  const documentFrequency = Object.fromEntries(frequencies)
  const statistics = { documentCount, tokenCount, documentFrequency }
  const asked = chooseTerms(input.terms, statistics)
  const counts = asked.map((term) => lists.get(term)?.texts ?? 0)
  const [rarest = ''] = asked
  // Even the rarest term has too many texts to be listed.
  if ((counts[0] ?? 0) >= countedUpTo) {
    const texts = await findNewest(connection, query, toTermKey(scopeToken, rarest))
    return { statistics, asked, texts }
  }
  const hits = asked.flatMap((term, number) =>
    (lists.get(term)?.threads ?? []).map((list) => toHits(withoutTexts(list, excluded), number)),
  )
  const weights = counts.map((texts) => toChoiceWeight(texts, documentCount))
  const chosen = chooseCandidates(hits, { weights, limit: input.limit })
  return { statistics, asked, texts: toChosenTexts(chosen) }
}

/** The sequences of the texts that are treated as if they were not stored. */
async function readExcluded(
  connection: SqlConnection,
  { tenantId, excludeIds }: ListQuery,
): Promise<ReadonlySet<number>> {
  if (excludeIds.length === 0) return new Set()
  const rows = await connection.all(
    `SELECT d.sequence FROM search_documents d WHERE d.tenant_id = ? AND d.item_id = ANY(?)`,
    tenantId,
    excludeIds,
  )
  return new Set(rows.map(([sequence]) => asInteger(sequence)))
}

function withoutTexts(list: ThreadList, excluded: ReadonlySet<number>): ThreadList {
  if (excluded.size === 0 || !list.numbers.some((number) => excluded.has(number))) return list
  const isKept = (_: unknown, index: number): boolean => !excluded.has(list.numbers[index] ?? 0)
  return {
    ...list,
    numbers: list.numbers.filter(isKept),
    places: list.places?.filter(isKept) ?? null,
  }
}

/** What is added to the name of a thread for the texts that have no place in it. */
const withoutPlaces = '\n'

/** Texts without a place are kept so far apart that none stands around another. */
const apart = 10

function toHits({ thread, isEligible, numbers, places }: ThreadList, term: number): TermHits {
  if (places !== null) return { term, thread, places, numbers, isEligible }
  return {
    term,
    thread: `${thread}${withoutPlaces}`,
    places: numbers.map((number) => number * apart),
    numbers,
    isEligible,
  }
}

function toChosenTexts(chosen: readonly ChosenText[]): ChosenTexts {
  const isAlone = ({ thread }: ChosenText): boolean => thread.endsWith(withoutPlaces)
  return {
    places: chosen.filter((text) => !isAlone(text)),
    alone: chosen.filter(isAlone).map(({ number }) => number),
  }
}

/** The newest texts with one term. */
async function findNewest(
  connection: SqlConnection,
  { tenantId, filter, excludeIds, input }: ListQuery,
  key: string,
): Promise<ChosenTexts> {
  const rows = await connection.all(
    `SELECT d.sequence, d.thread, d.place FROM search_documents d
     WHERE (d.tenant_id = ?) IS TRUE AND d.term_keys @> ARRAY[?::bigint] AND ${filter.sql} AND d.item_id <> ALL(?)
     ORDER BY d.created_at DESC, d.sequence DESC LIMIT ?`,
    tenantId,
    key,
    ...filter.values,
    excludeIds,
    input.limit,
  )
  const unplaced = rows.filter((row) => row[2] === null)
  return { places: toPlaces(rows, 1), alone: unplaced.map(([sequence]) => asInteger(sequence)) }
}
