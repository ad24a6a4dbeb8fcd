import { asInteger, type SqlRow } from '../engine/sql-value.ts'
import { requireDimension, toSimilarity, toUnitVector } from '../engine/unit-vector.ts'
import type { Neighbours, VectorQuery } from '../contract/vector-store.ts'
import { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import type { TextScope } from './text-scope.ts'
import {
  indexType,
  readVectorFacts,
  toVectorText,
  type VectorFacts,
  type VectorPlace,
} from './vector-rows.ts'

/** Up to how many vectors of a scope comparing all is fast enough. */
export const mostExact = 50_000

/** From how many vectors the mean similarity is taken. */
const meanSample = 256

/** How many places the index looks at for a result, at least and for each that is asked for. */
const fewestVisited = 100
const visitedPerResult = 2

/** More vectors than a scope has. */
const anyCount = Number.MAX_SAFE_INTEGER

/** A search among the vectors of one scope. */
export interface NeighbourSearch<Item> {
  readonly tenantId: string
  readonly source: TextScope
  readonly input: VectorQuery & { readonly limit: number }
  /** Conditions on the vectors `v`. */
  readonly filter: Conditions
  /** Whether few of the scope's vectors may pass, which the index of large scopes finds badly. */
  readonly isNarrow: boolean
  /** The items that the vectors belong to. */
  readonly from: 'messages' | 'passages'
  readonly table: { list(alias: string): string; read(row: SqlRow, offset: number): Item }
}

/** An item as far as its place among equals needs it. */
interface FoundItem {
  readonly id: string
  readonly createdAt: number
}

type Found<Item> = Neighbours<Item>['items']

/**
 * What is nearest in a scope. A scope of which all vectors are compared takes one round trip: what is known of it and
 * the search are sent together, and the search does nothing where its conditions are not met. A larger one takes two.
 */
export async function findNeighbours<Item extends FoundItem>(
  connection: SqlConnection,
  search: NeighbourSearch<Item>,
): Promise<Neighbours<Item>> {
  const { tenantId, source, input } = search
  const query = toUnitVector(input.vector)
  const place = { tenantId, token: source.token, model: input.model }
  const asked = { place, query, search }
  const known = readVectorFacts(connection, place)
  const mean = readMean(connection, asked)
  const compared = search.isNarrow ? anyCount : (input.exactUpTo ?? mostExact)
  const exact = findExact(connection, asked, compared)
  const [facts] = await Promise.all([known, source.isThere])
  requireDimension(input.model, query.length, facts.dimension)
  const statistics = { vectorCount: facts.count, meanSimilarity: toSimilarity(await mean) }
  if (facts.count <= compared) return { items: await exact, statistics }
  return { items: await findInLarge(connection, asked, facts), statistics }
}

/** What a query is compared with. */
interface Compared {
  readonly place: VectorPlace
  readonly query: Float32Array
}

/** A search with what was made of its input. */
interface AskedSearch<Item> extends Compared {
  readonly search: NeighbourSearch<Item>
}

/** The index is used where all vectors of the scope are in it, and where it finds as many as are wanted. */
async function findInLarge<Item extends FoundItem>(
  connection: SqlConnection,
  asked: AskedSearch<Item>,
  facts: VectorFacts,
): Promise<Found<Item>> {
  const { dimension, version } = facts
  const isIndexed = dimension !== null && facts.indexedCount >= facts.count
  const type = isIndexed ? indexType(version, dimension) : null
  if (type !== null) {
    const found = await findIndexed(connection, asked, { type, dimension: asked.query.length })
    if (found.length >= asked.search.input.limit) return found
  }
  return await findExact(connection, asked, anyCount)
}

async function findIndexed<Item extends FoundItem>(
  connection: SqlConnection,
  asked: AskedSearch<Item>,
  { type, dimension }: { readonly type: string; readonly dimension: number },
): Promise<Found<Item>> {
  const { limit } = asked.search.input
  const visited = Math.min(1000, Math.max(fewestVisited, limit * visitedPerResult))
  // For this transaction. Without a sort the plan is the one that reads the index in its order.
  connection.post(
    `SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
       set_config('hnsw.ef_search', ?, true), set_config('enable_sort', 'off', true),
       set_config('plan_cache_mode', 'force_custom_plan', true)`,
    String(visited),
  )
  return await find(connection, asked, {
    expression: `v.embedding::${type} <#> ?::${type}`,
    conditions: new Conditions().add(`v.indexed_dimension = ${dimension}`),
    order: 'distance',
  })
}

/** All vectors of the scope compared, if there are at most so many; nothing else is looked at before that is known. */
async function findExact<Item extends FoundItem>(
  connection: SqlConnection,
  asked: AskedSearch<Item>,
  most: number,
): Promise<Found<Item>> {
  return await find(connection, asked, {
    expression: 'v.embedding <#> ?::vector',
    conditions: comparable(asked, most),
    order: 'distance, v.created_at DESC, v.item_id DESC',
  })
}

/** That the scope has vectors of the query's dimension, and at most so many. */
function comparable({ place, query }: Compared, most: number): Conditions {
  const { tenantId, token, model } = place
  return new Conditions().add(
    `EXISTS (SELECT 1 FROM vector_scopes s WHERE s.tenant_id = ? AND s.tenant_scope = ${token.sql}
       AND s.model = ? AND s.dimension = ? AND s.vector_count <= ?)`,
    tenantId,
    ...token.values,
    model,
    query.length,
    most,
  )
}

async function find<Item extends FoundItem>(
  connection: SqlConnection,
  { place, query, search }: AskedSearch<Item>,
  nearest: {
    /** The distance, with a mark for the query. */
    readonly expression: string
    /** Further conditions on the vectors `v`. */
    readonly conditions: Conditions
    readonly order: string
  },
): Promise<Found<Item>> {
  const { tenantId, token, model } = place
  const { from, table, input, filter } = search
  const conditions = new Conditions()
    .add(nearest.conditions.sql, ...nearest.conditions.values)
    .add(`v.tenant_id = ? AND v.tenant_scope = ${token.sql}`, tenantId, ...token.values)
    .add('v.model = ?', model)
  if (filter.sql !== '') conditions.add(filter.sql, ...filter.values)
  const rows = await connection.all(
    `WITH hits AS MATERIALIZED (
       SELECT v.tenant_id, v.item_id, ${nearest.expression} AS distance FROM vectors v
       WHERE ${conditions.sql} ORDER BY ${nearest.order} LIMIT ?)
     SELECT hits.distance, ${table.list('i')} FROM hits
     JOIN ${from} i ON i.tenant_id = hits.tenant_id AND i.id = hits.item_id
     WHERE i.tenant_id = ?`,
    toVectorText(query),
    ...conditions.values,
    input.limit,
    tenantId,
  )
  return rows
    .map((row) => ({ item: table.read(row, 1), distance: asInteger(row[0]) }))
    .toSorted(
      (a, b) =>
        a.distance - b.distance ||
        b.item.createdAt - a.item.createdAt ||
        (a.item.id > b.item.id ? -1 : 1),
    )
    .map(({ item, distance }) => ({ item, similarity: toSimilarity(-distance) }))
}

/** From those with the least ids, which are random. */
async function readMean(connection: SqlConnection, asked: Compared): Promise<number> {
  const { tenantId, token, model } = asked.place
  const conditions = comparable(asked, anyCount)
    .add(`v.tenant_id = ? AND v.tenant_scope = ${token.sql}`, tenantId, ...token.values)
    .add('v.model = ?', model)
  const row = await connection.get(
    `SELECT avg(-(sample.embedding <#> ?::vector)) FROM (
       SELECT v.embedding FROM vectors v WHERE ${conditions.sql}
       ORDER BY v.item_id LIMIT ${meanSample}) sample`,
    toVectorText(asked.query),
    ...conditions.values,
  )
  return asInteger(row?.[0] ?? 0)
}
