import type { QueryConditions, QueryPart } from './query-conditions.ts'
import type { SqlInput } from './sql-value.ts'

/** When texts are from; null = at any time. Both ends are part of it. */
interface TimeRange {
  readonly from: number | null
  readonly until: number | null
}

/** Which tags passages are to have: all of them or any. */
interface TagFilter {
  readonly tags: readonly string[]
  readonly tagMatch: 'any' | 'all'
}

/** Adds what a search asks of a message: who said it, where and when. `alias` is that of its row in an index. */
export function addMessageFilter<Value>(
  conditions: QueryConditions<Value>,
  alias: string,
  input: TimeRange & {
    readonly roles: readonly string[]
    readonly conversationId?: string | undefined
  },
): void {
  conditions
    .oneOf(`${alias}.role`, input.roles)
    .equal(`${alias}.conversation_id`, input.conversationId)
  addTimeRange(conditions, alias, input)
}

/** Adds what a search asks of a passage: when it is from, and its tags in its archive. */
export function addPassageFilter<Value>(
  conditions: QueryConditions<Value>,
  alias: string,
  search: {
    readonly archive: QueryPart<SqlInput | Value>
    readonly input: TimeRange & TagFilter
  },
): void {
  const { archive, input } = search
  addTimeRange(conditions, alias, input)
  const tags = toTags(input)
  if (tags === null) return
  const isAsked = conditions.dialect.isAmong('t.tag', tags.names)
  conditions.add(
    `(SELECT count(*) FROM passage_tags t WHERE t.tenant_id = ${alias}.tenant_id AND t.archive_id = ${archive.sql}
      AND t.passage_id = ${alias}.item_id AND ${isAsked.sql}) >= ?`,
    ...archive.values,
    ...isAsked.values,
    tags.least,
  )
}

/** Selects the identifiers of the passages of an archive that have the tags; null when any passage will do. */
export function selectTagged<Value>(
  conditions: QueryConditions<Value>,
  search: {
    readonly tenantId: string
    readonly archive: QueryPart<SqlInput | Value>
    readonly input: TagFilter
  },
): QueryPart<SqlInput | Value> | null {
  const tags = toTags(search.input)
  if (tags === null) return null
  conditions
    .add('tenant_id = ?', search.tenantId)
    .add(`archive_id = ${search.archive.sql}`, ...search.archive.values)
    .oneOf('tag', tags.names)
  return {
    sql: `SELECT passage_id FROM passage_tags WHERE ${conditions.sql}
      GROUP BY passage_id HAVING count(*) >= ?`,
    values: [...conditions.values, tags.least],
  }
}

/** The tags once each, and how many of them a passage has to have; null when none is asked for. */
function toTags({ tags, tagMatch }: TagFilter): {
  readonly names: readonly string[]
  readonly least: number
} | null {
  const names = [...new Set(tags)]
  if (names.length === 0) return null
  return { names, least: tagMatch === 'all' ? names.length : 1 }
}

/** Adds when a text is from. `alias` is that of its row in an index. */
export function addTimeRange<Value>(
  conditions: QueryConditions<Value>,
  alias: string,
  { from, until }: TimeRange,
): void {
  if (from !== null) conditions.add(`${alias}.created_at >= ?`, from)
  if (until !== null) conditions.add(`${alias}.created_at <= ?`, until)
}
