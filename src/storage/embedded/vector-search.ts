import type { Connection } from './connection.ts'
import { FloatSet } from './float-set.ts'
import { SignSet } from './sign-set.ts'
import {
  asInteger,
  asOptionalText,
  asText,
  type SqlOutput,
  type SqlRow,
} from '../engine/sql-value.ts'
import type { VectorScope } from './vector-rows.ts'
import { toFloats, type EntryFilter, type Near, type VectorEntry } from './vector-set.ts'

/** Up to how many vectors, and how many bytes of them, all are kept and compared. */
const mostExact = 20_000
const mostExactBytes = 64 * 1024 * 1024

/** From how many vectors the mean is taken that signs are relative to. */
const meanSample = 4096

/** How many likely vectors are compared at least, and how many for each that is asked for. */
const fewestCompared = 500
const comparedPerResult = 10

/** A search among the vectors of one scope. */
export interface ScopeSearch {
  readonly query: Float32Array
  readonly filter: EntryFilter
  readonly limit: number
  /** Default: what was measured. */
  readonly exactUpTo: number | undefined
}

/** What is nearest in a scope, and the mean of all products. */
export function searchScope(
  connection: Connection,
  scope: VectorScope,
  search: ScopeSearch,
): { readonly near: readonly Near[]; readonly mean: number } {
  const set = readSet(connection, scope, isExact(scope, search.exactUpTo))
  const { query, filter, limit } = search
  const mean = set.meanProduct(query)
  if (set instanceof FloatSet) return { near: set.findNearest(query, filter, limit), mean }
  const compared = Math.max(fewestCompared, limit * comparedPerResult)
  const likely = set.findLikely(query, filter, compared)
  return { near: set.compare(query, readVectors(connection, scope, likely), limit), mean }
}

function isExact(scope: VectorScope, exactUpTo: number | undefined): boolean {
  if (exactUpTo !== undefined) return scope.count <= exactUpTo
  return scope.count <= mostExact && scope.count * scope.dimension * 4 <= mostExactBytes
}

/** The set of a scope as it is stored now: what changed since it was used last is read, or else everything. */
function readSet(
  connection: Connection,
  scope: VectorScope,
  isExactSet: boolean,
): FloatSet | SignSet {
  const { tenantId, scopeToken, model } = scope
  const key = JSON.stringify([tenantId, scopeToken, model])
  const cache = connection.vectorCache
  const known = cache.find(key)
  const isUsable =
    known?.keepsFloats === isExactSet &&
    known.dimension === scope.dimension &&
    known.changed >= scope.removed &&
    known.changed <= scope.changed
  const set = known !== undefined && isUsable ? known : createSet(connection, scope, isExactSet)
  if (set.changed !== scope.changed) {
    cache.drop(key)
    addRows(connection, scope, set)
  }
  cache.keep(key, set)
  return set
}

function addRows(connection: Connection, scope: VectorScope, set: FloatSet | SignSet): void {
  const rows = connection.each(
    `SELECT item_id, role, conversation_id, created_at, embedding FROM vectors
     WHERE tenant_id = ? AND tenant_scope = ? AND model = ? AND changed > ?`,
    scope.tenantId,
    scope.scopeToken,
    scope.model,
    set.changed,
  )
  for (const row of rows) set.put(toEntry(row))
  set.changed = scope.changed
}

function createSet(
  connection: Connection,
  scope: VectorScope,
  isExactSet: boolean,
): FloatSet | SignSet {
  if (isExactSet) return new FloatSet(scope.dimension, scope.count)
  return new SignSet(readMean(connection, scope), scope.count)
}

function readMean(connection: Connection, scope: VectorScope): Float32Array {
  const step = Math.max(1, Math.floor(scope.count / meanSample))
  const mean = new Float64Array(scope.dimension)
  let count = 0
  for (const [embedding] of connection.each(
    `SELECT embedding FROM vectors
     WHERE tenant_id = ? AND tenant_scope = ? AND model = ? AND rowid % ? = 0`,
    scope.tenantId,
    scope.scopeToken,
    scope.model,
    step,
  )) {
    count += 1
    toFloats(asBytes(embedding)).forEach((value, index) => {
      mean[index] = (mean[index] ?? 0) + value
    })
  }
  return Float32Array.from(mean, (value) => (count === 0 ? 0 : value / count))
}

function* readVectors(
  connection: Connection,
  scope: VectorScope,
  ids: readonly string[],
): Generator<{ readonly id: string; readonly bytes: Uint8Array }, void> {
  for (const [id, embedding] of connection.each(
    `SELECT item_id, embedding FROM vectors
     WHERE tenant_id = ? AND model = ? AND item_id IN (SELECT value FROM json_each(?))`,
    scope.tenantId,
    scope.model,
    JSON.stringify(ids),
  )) {
    yield { id: asText(id), bytes: asBytes(embedding) }
  }
}

function toEntry(row: SqlRow): VectorEntry {
  return {
    id: asText(row[0]),
    role: asOptionalText(row[1]),
    conversationId: asOptionalText(row[2]),
    createdAt: asInteger(row[3]),
    bytes: asBytes(row[4]),
  }
}

function asBytes(value: SqlOutput | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array(0)
}
