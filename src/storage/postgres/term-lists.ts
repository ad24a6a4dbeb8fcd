import { countedUpTo } from '../contract/search-store.ts'
import type { CandidateQuery } from '../engine/candidate-query.ts'
import type { CommonKeys } from '../engine/common-terms.ts'
import { asInteger, asOptionalInteger, asText, type SqlRow } from '../engine/sql-value.ts'
import {
  mostNewcomers,
  withNewcomers,
  type KnownLists,
  type ListsVersion,
  type Newcomer,
  type TermList,
  type ThreadList,
} from './held-lists.ts'
import type { SqlConnection, SqlValue } from './sql-connection.ts'
import { inScope } from './text-lookups.ts'

/** A search whose lists may be of use to others. */
export interface ListQuery extends CandidateQuery<SqlValue> {
  /** Whether the filter comes again with other terms; one for a certain time hardly does. */
  readonly isFilterUsual: boolean
}

/** What the index says of some terms. */
export interface IndexLists {
  readonly documentCount: number
  readonly tokenCount: number
  /** One for each key; without texts for terms that are in {@link countedUpTo} or more. */
  readonly lists: readonly TermList[]
}

const noTexts: TermList = { texts: 0, threads: [] }
const tooMany: TermList = { texts: countedUpTo, threads: [] }
const noneHeld: KnownLists = { version: null, lists: new Map() }

/** What is known of terms before the database is asked. */
interface KnownTerms {
  readonly keys: readonly string[]
  readonly common: CommonKeys
  readonly held: KnownLists
}

/**
 * The lists of some terms, in one round trip. The texts of a term are looked at when nothing is known of it: terms that are known to
 * be common are passed over, and to lists that are held is added what came since.
 */
export async function readTermLists(
  connection: SqlConnection,
  query: ListQuery,
  keys: readonly string[],
): Promise<IndexLists> {
  const listsName = query.isFilterUsual ? nameOf(query) : null
  const common = connection.commonTerms.known(query.scopeToken, keys)
  const held = listsName === null ? noneHeld : connection.heldLists.known(listsName, keys)
  const known = { keys, common, held }
  const [rows, since] = await Promise.all([
    readLists(connection, query, known),
    held.version === null ? [] : readNewcomers(connection, query, held.version),
  ])
  const [first] = rows
  if (first === undefined)
    return { documentCount: 0, tokenCount: 0, lists: keys.map(() => noTexts) }
  const version = toVersion(first)
  const isContinued = held.version !== null && isNear(held.version, version)
  if (isContinued && since.length !== version.documentCount - held.version.documentCount) {
    // A text was put back to where it stood before, so it is not among those that came since.
    connection.heldLists.drop(listsName ?? '')
    return await readTermLists(connection, query, keys)
  }
  const newcomers = isContinued ? since : null
  const lists = joinLists(known, { rows, newcomers, version })
  const seen = keys.filter((key) => (lists.get(key)?.texts ?? 0) >= countedUpTo)
  connection.commonTerms.learn(query.scopeToken, { removed: version.removed, keys: seen })
  if (listsName !== null) connection.heldLists.keep(listsName, held, { version, lists, newcomers })
  return {
    documentCount: version.documentCount,
    tokenCount: asInteger(first[1]),
    lists: keys.map((key) => lists.get(key) ?? noTexts),
  }
}

/** What the lists of a scope and a filter are held under. */
function nameOf({ scopeToken, filter }: ListQuery): string {
  return JSON.stringify([scopeToken, filter.sql, filter.values])
}

interface Answer {
  /** See {@link readLists}. */
  readonly rows: readonly SqlRow[]
  readonly newcomers: readonly Newcomer[] | null
  readonly version: ListsVersion
}

/** What was known and still is true, with what was read. */
function joinLists(
  { keys, common, held }: KnownTerms,
  { rows, newcomers, version }: Answer,
): ReadonlyMap<string, TermList> {
  const threads = Map.groupBy(
    rows.filter((row) => row[4] !== null),
    (row) => asInteger(row[4]) - 1,
  )
  const isCommon = new Set(common.removed === version.removed ? common.keys : [])
  const lists = keys.map((key, index): readonly [string, TermList] => {
    if (isCommon.has(key)) return [key, tooMany]
    const list = newcomers === null ? undefined : held.lists.get(key)
    if (list === undefined) return [key, toTermList(threads.get(index) ?? [])]
    return [key, withNewcomers(list, key, newcomers ?? [])]
  })
  return new Map(lists)
}

function toTermList(rows: readonly SqlRow[]): TermList {
  const texts = rows.reduce((sum, row) => sum + asInteger(row[7]), 0)
  return texts >= countedUpTo ? tooMany : { texts, threads: rows.map(toThreadList) }
}

function toThreadList(row: SqlRow): ThreadList {
  const [thread, passes, , numbers, places] = row.slice(5)
  return {
    thread: asText(thread),
    isEligible: passes === 1,
    numbers: toNumbers(asText(numbers)),
    places: places === null ? null : toNumbers(asText(places)),
  }
}

/** The numbers of a list as the server writes it: `{1,2}`. */
function toNumbers(list: string): readonly number[] {
  return JSON.parse(`[${list.slice(1, -1)}]`) as number[]
}

function toVersion(row: SqlRow): ListsVersion {
  const [documentCount, , removed, lastSequence] = row
  return {
    documentCount: asInteger(documentCount),
    removed: asInteger(removed),
    lastSequence: asOptionalInteger(lastSequence) ?? 0,
  }
}

/** Whether so few texts came to a scope that they can be added to its lists. */
function isNear(held: ListsVersion, now: ListsVersion): boolean {
  const count = now.documentCount - held.documentCount
  return held.removed === now.removed && count >= 0 && count <= mostNewcomers
}

/** The same as a condition on the row of the scope. */
const near = `scope.removed = ? AND scope.document_count - ? BETWEEN 0 AND ${mostNewcomers}`

function valuesOfNear(version: ListsVersion | null): readonly number[] {
  return [version?.removed ?? -1, version?.documentCount ?? 0]
}

/**
 * A row with the counts of the scope, how often something of it was removed and the tenant's last sequence; for each thread that a
 * term is in, also the number of the term from 1, the thread, whether its texts pass, their count, sequences and places. Terms that are known are left out as long as what is known is true.
 */
async function readLists(
  connection: SqlConnection,
  { tenantId, scopeToken, filter }: ListQuery,
  { keys, common, held }: KnownTerms,
): Promise<readonly SqlRow[]> {
  return await connection.all(
    `WITH scope AS MATERIALIZED (
       SELECT document_count, token_count, removed FROM search_scopes WHERE tenant_id = ? AND tenant_scope = ?),
     lists AS (
       SELECT key.number, list.* FROM (
         SELECT value, number FROM unnest(?::bigint[]) WITH ORDINALITY each (value, number)
         WHERE NOT (value = ANY(?::bigint[]) AND (SELECT scope.removed = ? FROM scope))
           AND NOT (value = ANY(?::bigint[]) AND (SELECT ${near} FROM scope))) key
       CROSS JOIN LATERAL (
         SELECT d.thread, d.passes, count(*) AS texts, array_agg(d.sequence)::text,
           CASE WHEN NOT d.stands_nowhere THEN array_agg(d.place)::text END
         FROM (
           SELECT d.thread, coalesce((${filter.sql})::int, 0) AS passes, d.sequence, d.place,
             d.place IS NULL AS stands_nowhere
           FROM search_documents d WHERE (d.tenant_id = ?) IS TRUE AND d.term_keys @> ARRAY[key.value]
           LIMIT ${countedUpTo}) d
         GROUP BY d.thread, d.passes, d.stands_nowhere) list)
     SELECT scope.*, (SELECT value FROM sequences WHERE tenant_id = ?), lists.*
     FROM scope LEFT JOIN lists ON true`,
    tenantId,
    scopeToken,
    keys,
    common.keys,
    common.removed,
    [...held.lists.keys()],
    ...valuesOfNear(held.version),
    ...filter.values,
    tenantId,
    tenantId,
  )
}

/** The texts that came to a scope since a version, when they are few. */
async function readNewcomers(
  connection: SqlConnection,
  { tenantId, scopeToken, filter }: ListQuery,
  version: ListsVersion,
): Promise<readonly Newcomer[]> {
  const rows = await connection.all(
    `SELECT d.thread, coalesce((${filter.sql})::int, 0), d.sequence, d.place, d.term_keys::text
     FROM search_documents d WHERE ${inScope} AND d.sequence > ?
       AND (SELECT ${near} FROM search_scopes scope WHERE scope.tenant_id = ? AND scope.tenant_scope = ?)
     ORDER BY d.sequence LIMIT ${mostNewcomers + 1}`,
    ...filter.values,
    tenantId,
    scopeToken,
    version.lastSequence,
    ...valuesOfNear(version),
    tenantId,
    scopeToken,
  )
  return rows.map((row) => ({
    thread: asText(row[0]),
    isEligible: row[1] === 1,
    number: asInteger(row[2]),
    place: asOptionalInteger(row[3]),
    keys: new Set(asText(row[4]).slice(1, -1).split(',')),
  }))
}
