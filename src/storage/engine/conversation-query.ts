import type { TenantScope } from '../../domain/scope.ts'
import type { ConversationQuery, MessageListQuery } from '../contract/conversation-store.ts'
import { withMissingLast, type Keyset } from './keyset.ts'
import type { QueryConditions } from './query-conditions.ts'
import { addAgentScope } from './scope-conditions.ts'

/** The order of a list of conversations. */
export function conversationKeyset(scope: TenantScope, query: ConversationQuery): Keyset {
  const place = { id: 'c.id', order: query.order }
  const keys = {
    createdAt: ['c.created_at', 'c.id'],
    lastRunCompletion: withMissingLast('c.last_run_completion', place),
    lastMessageAt: withMissingLast('c.last_message_at', place),
  }[query.orderBy]
  return {
    kind: 'conversation',
    tenantId: scope.tenantId,
    from: 'conversations c',
    keys,
    id: 'c.id',
    order: query.order,
    unknown: 'reject',
  }
}

/** Limits a query over `conversations c` to those that are asked for and exist for the caller; never the default ones. */
export function addConversationFilter<Value>(
  conditions: QueryConditions<Value>,
  scope: TenantScope,
  query: ConversationQuery,
): void {
  conditions
    .add('c.tenant_id = ? AND c.is_default = 0', scope.tenantId)
    .equal('c.agent_id', query.agentId)
    .contains('c.summary', query.summaryContains)
  addAgentScope(conditions, scope, 'c.agent_id')
  const archived = query.archived ?? 'unarchived'
  if (archived === 'unarchived') conditions.add('c.archived_at IS NULL')
  if (archived === 'archived') conditions.add('c.archived_at IS NOT NULL')
  if (query.includeHidden !== true) conditions.add('c.hidden = 0')
}

/** The tables of a list of messages, `messages m`, and the column it is ordered by. */
export function messageSource({ conversationId }: MessageListQuery): {
  readonly from: string
  readonly sequence: string
} {
  if (conversationId === undefined) return { from: 'messages m', sequence: 'm.sequence' }
  return {
    from: `conversation_items item JOIN messages m
      ON m.tenant_id = item.tenant_id AND m.id = item.message_id`,
    sequence: 'item.message_sequence',
  }
}

/** Limits a query over {@link messageSource} to the messages that are asked for and exist for the caller. */
export function addMessageFilter<Value>(
  conditions: QueryConditions<Value>,
  scope: TenantScope,
  query: MessageListQuery,
): void {
  conditions
    .add('m.tenant_id = ?', scope.tenantId)
    .equal('m.agent_id', query.agentId)
    .equal('m.run_id', query.runId)
    .equal('m.step_id', query.stepId)
    .oneOf('m.role', query.roles)
  addAgentScope(conditions, scope, 'm.agent_id')
  if (query.conversationId !== undefined) {
    conditions.add(
      'item.tenant_id = ? AND item.conversation_id = ? AND item.message_id IS NOT NULL',
      scope.tenantId,
      query.conversationId,
    )
  }
  if (query.stepId !== undefined && query.runId === undefined) {
    conditions.add(
      `m.run_id = (SELECT step.run_id FROM steps step WHERE step.tenant_id = ? AND step.id = ?)`,
      scope.tenantId,
      query.stepId,
    )
  }
}
