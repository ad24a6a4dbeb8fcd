import { factsAt, factsEver, type Fact, type StatedFact } from '../../domain/fact.ts'
import type { FactQuery } from '../contract/fact-store.ts'
import { promptFacts } from '../contract/turn-store.ts'
import { untrustedList } from './archive-tables.ts'
import { factTable } from './fact-table.ts'
import { toExpression, type SqlExpression, type SqlInput, type SqlRow } from './sql-value.ts'

/** The conditions of an engine's query. */
interface Filter<Value> {
  readonly sql: string
  readonly values: readonly Value[]
  add(sql: string, ...values: (SqlInput | Value)[]): unknown
  oneOf(expression: string, values: readonly string[] | undefined): unknown
}

/** A query for rows of facts with its values. */
export interface FactSelect<Value> {
  readonly sql: string
  readonly values: readonly (SqlInput | Value)[]
}

/**
 * The query for everything that decides about the facts that are asked for: all that is known of their slots. Which of it
 * holds is not said in SQL but by the one rule of the domain, in {@link toFacts}. The filters come empty.
 */
export function selectFacts<Value>(
  tenantId: string,
  query: FactQuery,
  { slots, wanted }: { readonly slots: Filter<Value>; readonly wanted: Filter<Value> },
): FactSelect<Value> {
  const { agentId, ids, sourceMessageIds, knownAt } = query
  wanted.add('s.tenant_id = ? AND s.agent_id = ?', tenantId, agentId)
  wanted.oneOf('s.id', ids)
  if (sourceMessageIds !== undefined) {
    const marks = sourceMessageIds.map(() => '?').join(', ')
    wanted.add(
      `s.id IN (SELECT source.fact_id FROM fact_sources source
        WHERE source.tenant_id = ? AND source.message_id IN (${marks === '' ? 'NULL' : marks}))`,
      tenantId,
      ...sourceMessageIds,
    )
  }
  slots.add('f.tenant_id = ? AND f.agent_id = ?', tenantId, agentId)
  slots.oneOf('f.slot', query.slots)
  const isPart = ids !== undefined || sourceMessageIds !== undefined
  if (isPart) {
    slots.add(`f.slot IN (SELECT s.slot FROM facts s WHERE ${wanted.sql})`, ...wanted.values)
  }
  if (typeof knownAt === 'number') {
    slots.add('f.recorded_at <= ? AND (f.closed_at IS NULL OR f.closed_at > ?)', knownAt, knownAt)
  } else if (knownAt === undefined) {
    slots.add('f.closed_at IS NULL')
  }
  return {
    sql: `SELECT ${isPart ? `(CASE WHEN f.id IN (SELECT s.id FROM facts s WHERE ${wanted.sql}) THEN 1 ELSE 0 END)` : '1'},
      ${factTable.list('f')} FROM facts f WHERE ${slots.sql}`,
    values: [...(isPart ? wanted.values : []), ...slots.values],
  }
}

/** The facts that are asked for, from the rows of {@link selectFacts}. */
export function toFacts(rows: readonly SqlRow[], query: FactQuery): readonly Fact[] {
  const stated = rows.map((row) => factTable.read(row, 1))
  const wanted = new Set(rows.flatMap((row, index) => (row[0] === 1 ? [stated[index]?.id] : [])))
  const { validAt, kind, origins, from, until, order = 'slot', after, limit } = query
  const known = query.knownAt === 'ever' ? stated.filter(isOpen) : stated
  const facts = validAt === undefined ? factsEver(stated, known) : factsAt(known, validAt)
  const keys = keysOf[order]
  const sorted = facts
    .filter(
      (fact) =>
        wanted.has(fact.id) &&
        (kind === undefined || fact.kind === kind) &&
        (origins === undefined || origins.includes(fact.origin)) &&
        (from === undefined || fact.validFrom >= from) &&
        (until === undefined || fact.validFrom <= until),
    )
    .toSorted((one, other) => compare(keys(one), keys(other)))
  if (after === undefined) return sorted.slice(0, limit)
  const cursor = stated.find(({ id }) => id === after)
  if (cursor === undefined) return []
  return sorted.filter((fact) => compare(keys(fact), keys(cursor)) > 0).slice(0, limit)
}

/** What a tool or the web told waits for approval, and decides nothing until then. */
const trusted = `f.origin NOT IN (${untrustedList})`

/**
 * The query for what a turn is given: all that is known of the slots of the statements that became known last. However much
 * is known, no more is looked at: `join` has each slot looked up by itself, which planners do not do unasked.
 */
export function selectPromptFacts(
  tenantId: string,
  agentId: string | SqlExpression,
  join: 'cross' | 'lateral',
): FactSelect<never> {
  const agent = toExpression(agentId)
  const own = `f.tenant_id = ? AND f.agent_id = ${agent.sql} AND f.closed_at IS NULL AND ${trusted}`
  const values = [tenantId, ...agent.values]
  const ofSlot = `${own} AND f.slot = recent.slot`
  return {
    sql: `SELECT 1, ${factTable.list('f')} FROM (SELECT DISTINCT newest.slot FROM (
        SELECT f.slot FROM facts f WHERE ${own}
        ORDER BY f.kind DESC, f.recorded_at DESC LIMIT ${promptFacts}) newest) recent
      ${
        join === 'cross'
          ? `CROSS JOIN facts f ON ${ofSlot}`
          : `CROSS JOIN LATERAL (SELECT * FROM facts f WHERE ${ofSlot} OFFSET 0) f`
      }
      LIMIT ${20 * promptFacts}`,
    values: [...values, ...values],
  }
}

/** What a turn is given, from the rows of {@link selectPromptFacts}. */
export function toPromptFacts(rows: readonly SqlRow[], at: number): readonly Fact[] {
  if (rows.length === 0) return []
  return toFacts(rows, { agentId: '', validAt: at, order: 'known', limit: promptFacts })
}

type Key = readonly (number | string)[]

/** What facts are sorted by; numbers that count down have their sign changed. */
const keysOf: Readonly<Record<NonNullable<FactQuery['order']>, (fact: StatedFact) => Key>> = {
  slot: ({ slot, validFrom, id, version }) => [slot, validFrom, id, version],
  time: ({ validFrom, id, version }) => [validFrom, id, version],
  newest: ({ validFrom, id, version }) => [-validFrom, id, -version],
  known: ({ kind, recordedAt, id, version }) => [
    kind === 'instruction' ? 0 : 1,
    -recordedAt,
    id,
    -version,
  ],
}

function compare(one: Key, other: Key): number {
  for (const [index, value] of one.entries()) {
    const against = other[index]
    if (against === undefined || value === against) continue
    return value < against ? -1 : 1
  }
  return 0
}

function isOpen({ closedAt }: Pick<Fact, 'closedAt'>): boolean {
  return closedAt === null
}
