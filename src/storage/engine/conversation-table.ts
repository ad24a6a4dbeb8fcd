import type { Conversation, PromptPrefix } from '../../domain/conversation.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { requireSeen } from './agent-scope.ts'
import { notFound } from './not-found.ts'
import { asJson, type SqlRow } from './sql-value.ts'
import { Table } from './table.ts'

/** The fields of a conversation that its own row holds; the prefix is large and has its own. */
export type ConversationRow = Omit<Conversation, 'prefix'>

/** The table of conversations. */
export const conversationTable = new Table<ConversationRow>({
  name: 'conversations',
  columns: {
    id: 'text',
    agentId: 'text',
    isDefault: 'boolean',
    summary: 'text',
    model: 'text',
    modelSettings: 'json',
    contextWindow: 'integer',
    hidden: 'boolean',
    state: 'text',
    archivedAt: 'integer',
    lastMessageAt: 'moment',
    lastRunCompletion: 'moment',
    createdAt: 'integer',
    updatedAt: 'integer',
    systemMessageId: 'text',
    viewFrom: 'integer',
  },
})

/** `FROM` of a query for whole conversations. */
export const conversationSource = `conversations c
  LEFT JOIN prompt_prefixes p ON p.tenant_id = c.tenant_id AND p.conversation_id = c.id`

/** The columns that {@link toConversation} reads, from {@link conversationSource}. */
export const conversationColumns = `${conversationTable.list('c')}, p.body`

/** The query for one conversation of a tenant by its id. */
export const selectConversation = `SELECT ${conversationColumns} FROM ${conversationSource}
  WHERE c.tenant_id = ? AND c.id = ?`

/** The conversation in a row of {@link conversationColumns}. */
export function toConversation(row: SqlRow): Conversation {
  const body = row[conversationTable.width] ?? null
  return {
    ...conversationTable.read(row),
    prefix: body === null ? null : asJson<PromptPrefix>(body),
  }
}

/** The conversation that {@link selectConversation} found; throws `not_found` when it does not exist for the caller. */
export function requireConversation(
  scope: TenantScope,
  id: string,
  row: SqlRow | undefined,
): Conversation {
  if (row === undefined) throw notFound('conversation', id)
  const conversation = toConversation(row)
  requireSeen(scope, conversation.agentId, { kind: 'conversation', id })
  return conversation
}
