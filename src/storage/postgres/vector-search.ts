import { asInteger, type SqlOutput, type SqlRow } from '../engine/sql-value.ts'
import { toSimilarity } from '../engine/unit-vector.ts'
import type { Neighbours } from '../contract/vector-store.ts'
import type { Conditions } from './conditions.ts'
import type { SqlConnection } from './sql-connection.ts'
import { indexType, toVectorText, type VectorScope } from './vector-rows.ts'

/** Up to how many vectors of a scope comparing all is fast enough. */
export const mostExact = 50_000

/** From how many vectors the mean similarity is taken. */
const meanSample = 256

/** How many places the index looks at for a result, at least and for each that is asked for. */
const fewestVisited = 100
const visitedPerResult = 2

/** A search among the vectors of one scope. */
export interface ScopeSearch<Item> {
  readonly query: Float32Array
  /** Conditions on the vectors `v`. */
  readonly filter: Conditions
  /** Whether few of the scope's vectors may pass, which the index of large scopes finds badly. */
  readonly isNarrow: boolean
  readonly limit: number
  readonly exactUpTo: number | undefined
  /** The items that the vectors belong to. */
  readonly from: 'messages' | 'passages'
  readonly table: { list(alias: string): string; read(row: SqlRow, offset: number): Item }
}

/** What is nearest in a scope. */
export async function searchScope<Item extends { readonly id: string; readonly createdAt: number }>(
  connection: SqlConnection,
  scope: VectorScope,
  search: ScopeSearch<Item>,
): Promise<Neighbours<Item>> {
  const [mean, items] = await Promise.all([
    readMean(connection, scope, search.query),
    findNearest(connection, scope, search),
  ])
  const statistics = { vectorCount: scope.count, meanSimilarity: toSimilarity(mean) }
  return { items, statistics }
}

type Found<Item> = Neighbours<Item>['items']

async function findNearest<Item extends { readonly id: string; readonly createdAt: number }>(
  connection: SqlConnection,
  scope: VectorScope,
  search: ScopeSearch<Item>,
): Promise<Found<Item>> {
  const type = usableIndex(scope, search)
  if (type !== null) {
    const found = await findIndexed(connection, { scope, type }, search)
    if (found.length >= search.limit) return found
  }
  const expression = 'v.embedding <#> ?::vector'
  const order = 'distance, v.created_at DESC, v.item_id DESC'
  return await find(connection, scope, { search, expression, condition: '', order })
}

/** The index is used where all vectors of a large scope are in it and most of them pass the filter. */
function usableIndex(
  scope: VectorScope,
  search: Pick<ScopeSearch<never>, 'exactUpTo' | 'isNarrow'>,
): string | null {
  const isLarge = scope.count > (search.exactUpTo ?? mostExact)
  if (!isLarge || search.isNarrow || scope.indexedCount < scope.count) return null
  return scope.dimension === null ? null : indexType(scope.version, scope.dimension)
}

async function findIndexed<Item extends { readonly id: string; readonly createdAt: number }>(
  connection: SqlConnection,
  index: { readonly scope: VectorScope; readonly type: string },
  search: ScopeSearch<Item>,
): Promise<Found<Item>> {
  const visited = Math.min(1000, Math.max(fewestVisited, search.limit * visitedPerResult))
  // For this transaction. Without a sort the plan is the one that reads the index in its order.
  connection.post(
    `SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true),
       set_config('hnsw.ef_search', ?, true), set_config('enable_sort', 'off', true),
       set_config('plan_cache_mode', 'force_custom_plan', true)`,
    String(visited),
  )
  return await find(connection, index.scope, {
    search,
    expression: `v.embedding::${index.type} <#> ?::${index.type}`,
    condition: `AND v.indexed_dimension = ${index.scope.dimension}`,
    order: 'distance',
  })
}

interface NearestQuery<Item> {
  readonly search: ScopeSearch<Item>
  /** The distance, with a mark for the query. */
  readonly expression: string
  readonly condition: string
  readonly order: string
}

async function find<Item extends { readonly id: string; readonly createdAt: number }>(
  connection: SqlConnection,
  scope: VectorScope,
  nearest: NearestQuery<Item>,
): Promise<Found<Item>> {
  const { query, filter, limit, from, table } = nearest.search
  const rows = await connection.all(
    `WITH hits AS MATERIALIZED (
       SELECT v.tenant_id, v.item_id, ${nearest.expression} AS distance FROM vectors v
       WHERE ${filter.sql} ${nearest.condition} ORDER BY ${nearest.order} LIMIT ?)
     SELECT hits.distance, ${table.list('i')} FROM hits
     JOIN ${from} i ON i.tenant_id = hits.tenant_id AND i.id = hits.item_id
     WHERE i.tenant_id = ?`,
    toVectorText(query),
    ...filter.values,
    limit,
    scope.tenantId,
  )
  return rows
    .map((row) => ({ item: table.read(row, 1), distance: asNumber(row[0]) }))
    .toSorted(
      (a, b) =>
        a.distance - b.distance ||
        b.item.createdAt - a.item.createdAt ||
        (a.item.id > b.item.id ? -1 : 1),
    )
    .map(({ item, distance }) => ({ item, similarity: toSimilarity(-distance) }))
}

/** From those with the least ids, which are random. */
async function readMean(
  connection: SqlConnection,
  scope: VectorScope,
  query: Float32Array,
): Promise<number> {
  const row = await connection.get(
    `SELECT avg(-(sample.embedding <#> ?::vector)) FROM (
       SELECT embedding FROM vectors WHERE tenant_id = ? AND tenant_scope = ? AND model = ?
       ORDER BY item_id LIMIT ${meanSample}) sample`,
    toVectorText(query),
    scope.tenantId,
    scope.scopeToken,
    scope.model,
  )
  return asNumber(row?.[0] ?? 0)
}

function asNumber(value: SqlOutput | undefined): number {
  return asInteger(value)
}
