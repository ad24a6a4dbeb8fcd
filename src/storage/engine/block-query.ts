import type { TenantScope } from '../../domain/scope.ts'
import type { BlockFilter } from '../contract/block-store.ts'
import type { Keyset } from './keyset.ts'
import type { QueryConditions } from './query-conditions.ts'
import { addBlockScope } from './scope-conditions.ts'

const agentCount = `(SELECT count(*) FROM agent_blocks link
   WHERE link.tenant_id = b.tenant_id AND link.block_id = b.id)`

/** The order of a list of blocks. */
export function blockKeyset(scope: TenantScope, order: 'asc' | 'desc'): Keyset {
  return {
    kind: 'block',
    tenantId: scope.tenantId,
    from: 'blocks b',
    keys: ['b.created_at', 'b.id'],
    id: 'b.id',
    order,
    unknown: 'reject',
  }
}

/** Limits a query over `blocks b` to those that are asked for and exist for the caller. */
export function addBlockFilter<Value>(
  conditions: QueryConditions<Value>,
  scope: TenantScope,
  filter: BlockFilter,
): void {
  conditions
    .add('b.tenant_id = ?', scope.tenantId)
    .oneOf('b.id', filter.ids)
    .equal('b.label', filter.label)
    .contains('b.label', filter.labelContains)
    .contains('b.description', filter.descriptionContains)
    .contains('b.value', filter.valueContains)
  addBlockScope(conditions, scope)
  if (filter.includeHidden !== true) conditions.add('b.hidden = 0')
  addTagFilter(conditions, filter)
  const { min, max, oneOf } = filter.agentCount ?? {}
  if (min !== undefined) conditions.add(`${agentCount} >= ?`, min)
  if (max !== undefined) conditions.add(`${agentCount} <= ?`, max)
  conditions.oneOf(agentCount, oneOf).hasMembers('b.extra', filter.extra)
}

function addTagFilter<Value>(conditions: QueryConditions<Value>, filter: BlockFilter): void {
  const tags = [...new Set(filter.tags ?? [])]
  if (tags.length === 0) return
  const { dialect } = conditions
  const isWanted = dialect.isAmong('tag.value', tags)
  conditions.add(
    `(SELECT count(DISTINCT tag.value) FROM ${dialect.items('b.tags', 'tag')}
        WHERE ${isWanted.sql}) >= ?`,
    ...isWanted.values,
    filter.matchAllTags === true ? tags.length : 1,
  )
}
