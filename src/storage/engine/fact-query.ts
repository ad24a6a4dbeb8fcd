import type { Fact } from '../../domain/fact.ts'
import type { FactQuery } from '../contract/fact-store.ts'
import { factTable } from './fact-table.ts'
import {
  asOptionalInteger,
  toExpression,
  type SqlExpression,
  type SqlInput,
  type SqlRow,
} from './sql-value.ts'

/** The conditions of an engine's query. */
interface Filter<Value> {
  readonly sql: string
  readonly values: readonly Value[]
  add(sql: string, ...values: SqlInput[]): unknown
  equal(expression: string, value: SqlInput | undefined): unknown
  oneOf(expression: string, values: readonly string[] | undefined): unknown
}

/** A query for facts with its values. */
export interface FactSelect<Value> {
  readonly sql: string
  readonly values: readonly (SqlInput | Value)[]
}

/** The query that {@link FactQuery} describes; its rows are for {@link toFact}. `filter` comes empty. */
export function selectFacts<Value>(
  tenantId: string,
  query: Omit<FactQuery, 'agentId'> & { readonly agentId: string | SqlExpression },
  filter: Filter<Value>,
): FactSelect<Value> {
  const { agentId, kind, ids, slots, from, until, validAt, knownAt, order = 'slot' } = query
  const agent = toExpression(agentId)
  filter.add(`f.tenant_id = ? AND f.agent_id = ${agent.sql}`, tenantId, ...agent.values)
  filter.equal('f.kind', kind)
  filter.oneOf('f.id', ids)
  filter.oneOf('f.slot', slots)
  if (query.sourceMessageIds !== undefined) {
    addSources(filter, tenantId, query.sourceMessageIds)
  }
  if (from !== undefined) filter.add('f.valid_from >= ?', from)
  if (until !== undefined) filter.add('f.valid_from <= ?', until)
  if (knownAt !== 'ever') addExpression(filter, isKnown('f', knownAt))
  if (validAt !== undefined) {
    addExpression(filter, holds('f', 'g', { knownAt, validAt }))
  }
  if (query.after !== undefined) addCursor(filter, { tenantId, order, after: query.after })
  const ended = nextEnd({ knownAt, validAt })
  const contested = isContested({ knownAt, validAt })
  return {
    sql: `SELECT ${ended.sql}, ${contested.sql}, ${factTable.list('f')} FROM facts f
      WHERE ${filter.sql} ORDER BY ${orders[order]} LIMIT ?`,
    values: [...ended.values, ...contested.values, ...filter.values, query.limit],
  }
}

/** The fact in a row of {@link selectFacts}. */
export function toFact(row: SqlRow): Fact {
  const stated = factTable.read(row, 2)
  const ended = asOptionalInteger(row[0])
  const ends = [ended, stated.statedUntil].filter((end) => end !== null)
  return {
    ...stated,
    validUntil: ends.length === 0 ? null : Math.min(...ends),
    isContested: row[1] === 1,
  }
}

const orders: Readonly<Record<NonNullable<FactQuery['order']>, string>> = {
  slot: 'f.slot, f.valid_from, f.id, f.version',
  time: 'f.valid_from, f.id, f.version',
  newest: 'f.valid_from DESC, f.id DESC, f.version DESC',
  known: 'f.kind DESC, f.recorded_at DESC, f.id DESC, f.version DESC',
}

const cursorKeys: Readonly<Record<NonNullable<FactQuery['order']>, readonly string[]>> = {
  slot: ['slot', 'valid_from', 'id'],
  time: ['valid_from', 'id'],
  newest: ['valid_from', 'id'],
  known: ['kind', 'recorded_at', 'id'],
}

/** The two times a query is about. */
interface Moments {
  readonly knownAt: FactQuery['knownAt']
  readonly validAt: number | undefined
}

function addExpression<Value>(filter: Filter<Value>, { sql, values }: SqlExpression): void {
  filter.add(sql, ...values)
}

function addSources<Value>(
  filter: Filter<Value>,
  tenantId: string,
  messageIds: readonly string[],
): void {
  const marks = messageIds.map(() => '?').join(', ')
  filter.add(
    `f.id IN (SELECT s.fact_id FROM fact_sources s
      WHERE s.tenant_id = ? AND s.message_id IN (${marks === '' ? 'NULL' : marks}))`,
    tenantId,
    ...messageIds,
  )
}

function addCursor<Value>(
  filter: Filter<Value>,
  given: {
    readonly tenantId: string
    readonly order: NonNullable<FactQuery['order']>
    readonly after: string
  },
): void {
  const { order } = given
  const keys = (alias: string): string =>
    cursorKeys[order].map((column) => `${alias}.${column}`).join(', ')
  const isDescending = order === 'newest' || order === 'known'
  filter.add(
    `(${keys('f')}) ${isDescending ? '<' : '>'} (SELECT ${keys('c')} FROM facts c
      WHERE c.tenant_id = ? AND c.id = ? ORDER BY c.version DESC LIMIT 1)`,
    given.tenantId,
    given.after,
  )
}

/** Whether a statement is known at the time asked for. */
function isKnown(alias: string, knownAt: FactQuery['knownAt']): SqlExpression {
  if (typeof knownAt !== 'number') return { sql: `${alias}.closed_at IS NULL`, values: [] }
  return {
    sql: `${alias}.recorded_at <= ? AND (${alias}.closed_at IS NULL OR ${alias}.closed_at > ?)`,
    values: [knownAt, knownAt],
  }
}

/** Whether a statement covers a time, whatever else is stated. */
function covers(alias: string, time: number): SqlExpression {
  return {
    sql: `${alias}.valid_from <= ? AND (${alias}.stated_until IS NULL OR ${alias}.stated_until > ?)`,
    values: [time, time],
  }
}

/** Whether a known statement about the same slot says something else. */
function differs(other: string, alias: string, knownAt: FactQuery['knownAt']): SqlExpression {
  const known = isKnown(other, knownAt)
  return {
    sql: `${other}.tenant_id = ${alias}.tenant_id AND ${other}.agent_id = ${alias}.agent_id
      AND ${other}.slot = ${alias}.slot AND ${other}.is_added = 0
      AND ${other}.value_key <> ${alias}.value_key AND ${known.sql}`,
    values: known.values,
  }
}

/** Whether no later statement that counts as much covers the time too. */
function holds(
  alias: string,
  other: string,
  { knownAt, validAt }: { readonly knownAt: FactQuery['knownAt']; readonly validAt: number },
): SqlExpression {
  const [own, later] = [covers(alias, validAt), covers(other, validAt)]
  const different = differs(other, alias, knownAt)
  return {
    sql: `${own.sql} AND NOT EXISTS (SELECT 1 FROM facts ${other} WHERE ${different.sql}
      AND ${other}.is_trusted >= ${alias}.is_trusted
      AND ${other}.valid_from > ${alias}.valid_from AND ${later.sql})`,
    values: [...own.values, ...different.values, ...later.values],
  }
}

/** When the first later statement of another value begins; null = there is none. */
function nextEnd({ knownAt, validAt }: Moments): SqlExpression {
  const different = differs('g', 'f', knownAt)
  const begins = validAt === undefined ? 'g.valid_from > f.valid_from' : 'g.valid_from > ?'
  return {
    sql: `(SELECT min(g.valid_from) FROM facts g WHERE ${different.sql}
      AND g.is_trusted >= f.is_trusted AND ${begins})`,
    values: [...different.values, ...(validAt === undefined ? [] : [validAt])],
  }
}

/** Whether another value of the slot holds at the same time. */
function isContested({ knownAt, validAt }: Moments): SqlExpression {
  if (validAt === undefined) return { sql: '0', values: [] }
  const different = differs('g', 'f', knownAt)
  const other = holds('g', 'h', { knownAt, validAt })
  return {
    sql: `(CASE WHEN f.is_added = 0 AND EXISTS (SELECT 1 FROM facts g WHERE ${different.sql}
      AND ${other.sql}) THEN 1 ELSE 0 END)`,
    values: [...different.values, ...other.values],
  }
}
