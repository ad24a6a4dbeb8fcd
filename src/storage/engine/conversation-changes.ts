import type { Conversation, PromptPrefix } from '../../domain/conversation.ts'
import type { Message } from '../../domain/message.ts'
import { conversationTable } from './conversation-table.ts'
import { toJsonColumn } from './sql-value.ts'
import type { ChangeTarget } from './table.ts'

/** Stores a conversation without its messages; its end is behind as many as it is to begin with. */
export function insertConversationRows(
  target: ChangeTarget,
  tenantId: string,
  {
    conversation,
    messageCount,
  }: { readonly conversation: Conversation; readonly messageCount: number },
): void {
  const { id: conversationId, agentId, prefix } = conversation
  conversationTable.insert(target, tenantId, { item: conversation })
  target.post(
    `INSERT INTO conversation_heads (tenant_id, conversation_id, agent_id, next_position,
       next_inbox, lease_owner, lease_fence, lease_until) VALUES (?, ?, ?, ?, 1, NULL, 0, NULL)`,
    tenantId,
    conversationId,
    agentId,
    messageCount + 1,
  )
  if (prefix !== null) writePrefix(target, tenantId, { conversationId, prefix })
}

/** Replaces the stored prefix of a conversation, or removes it. */
export function writePrefix(
  target: ChangeTarget,
  tenantId: string,
  input: { readonly conversationId: string; readonly prefix: PromptPrefix | null },
): void {
  if (input.prefix === null) {
    target.post(
      `DELETE FROM prompt_prefixes WHERE tenant_id = ? AND conversation_id = ?`,
      tenantId,
      input.conversationId,
    )
    return
  }
  target.post(
    `INSERT INTO prompt_prefixes (tenant_id, conversation_id, body) VALUES (?, ?, ?)
     ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET body = excluded.body`,
    tenantId,
    input.conversationId,
    toJsonColumn(input.prefix),
  )
}

/** Gives messages their places in a conversation, from a position on. */
export function insertMessageItems(
  target: ChangeTarget,
  place: {
    readonly tenantId: string
    readonly conversationId: string
    readonly firstPosition: number
  },
  messages: readonly Pick<Message, 'id' | 'sequence' | 'createdAt'>[],
): void {
  for (const [index, message] of messages.entries()) {
    target.post(
      `INSERT INTO conversation_items
         (tenant_id, conversation_id, position, message_id, message_sequence, created_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      place.tenantId,
      place.conversationId,
      place.firstPosition + index,
      message.id,
      message.sequence,
      message.createdAt,
    )
  }
}

/** Moves the next free item position of a conversation. */
export function moveHead(
  target: ChangeTarget,
  tenantId: string,
  head: { readonly conversationId: string; readonly nextPosition: number },
): void {
  target.post(
    `UPDATE conversation_heads SET next_position = ? WHERE tenant_id = ? AND conversation_id = ?`,
    head.nextPosition,
    tenantId,
    head.conversationId,
  )
}

const runsOfConversation = `SELECT id FROM runs WHERE tenant_id = ? AND conversation_id = ?`
const summariesOfConversation = `SELECT message_id FROM conversation_items
  WHERE tenant_id = ? AND conversation_id = ? AND message_id IS NOT NULL`
const turnsOfConversation = `SELECT id FROM turns WHERE tenant_id = ? AND conversation_id = ?`

/** What belongs to something of a conversation; goes before that. */
const partTables = [
  ['events', 'run_id', runsOfConversation],
  ['tool_calls', 'turn_id', turnsOfConversation],
  ['steps', 'turn_id', turnsOfConversation],
  ['summary_sources', 'summary_id', summariesOfConversation],
] as const

/** What names its conversation. */
const ownTables = [
  'runs',
  'turns',
  'inbox',
  'signals',
  'schedules',
  'accepted_otids',
  'conversation_items',
  'prompt_prefixes',
  'conversation_heads',
  'imported_messages',
] as const

/** Removes a conversation, its turns and runs, but no messages. */
export function deleteConversationRows(
  target: ChangeTarget,
  tenantId: string,
  conversationId: string,
): void {
  const conversation = [tenantId, conversationId] as const
  for (const [table, column, owners] of partTables) {
    target.post(
      `DELETE FROM ${table} WHERE tenant_id = ? AND ${column} IN (${owners})`,
      tenantId,
      ...conversation,
    )
  }
  for (const table of ownTables) {
    target.post(`DELETE FROM ${table} WHERE tenant_id = ? AND conversation_id = ?`, ...conversation)
  }
  target.post(`DELETE FROM search_threads WHERE tenant_id = ? AND thread = ?`, ...conversation)
  target.post(`DELETE FROM conversations WHERE tenant_id = ? AND id = ?`, ...conversation)
}
