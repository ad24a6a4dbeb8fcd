import {
  conversationTable,
  requireConversation,
  selectConversation,
} from '../engine/conversation-table.ts'
import type { Conversation, PromptPrefix } from '../../domain/conversation.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { NewMessage } from '../contract/new-message.ts'
import type { Connection } from './connection.ts'
import { insertMessageItems, insertMessages } from './message-rows.ts'
import { takeSequence } from './sequences.ts'
import { toJsonColumn } from '../engine/sql-value.ts'

/** A conversation that exists for the caller; throws `not_found`. */
export function readConversation(
  connection: Connection,
  scope: TenantScope,
  id: string,
): Conversation {
  return requireConversation(scope, id, connection.get(selectConversation, scope.tenantId, id))
}

/** Stores a conversation with its first messages at positions 1, 2, …. */
export function insertConversation(
  connection: Connection,
  tenantId: string,
  input: { readonly conversation: Conversation; readonly messages: readonly NewMessage[] },
): void {
  const { conversation, messages } = input
  conversationTable.insert(connection, tenantId, { item: conversation })
  connection.run(
    `INSERT INTO conversation_heads (tenant_id, conversation_id, agent_id, next_position,
       next_inbox, lease_owner, lease_fence, lease_until) VALUES (?, ?, ?, ?, 1, NULL, 0, NULL)`,
    tenantId,
    conversation.id,
    conversation.agentId,
    messages.length + 1,
  )
  if (conversation.prefix !== null) {
    writePrefix(connection, tenantId, {
      conversationId: conversation.id,
      prefix: conversation.prefix,
    })
  }
  if (messages.length === 0) return
  const stored = insertMessages(
    connection,
    {
      tenantId,
      agentId: conversation.agentId,
      firstSequence: takeSequence(connection, tenantId, messages.length),
    },
    messages,
  )
  insertMessageItems(
    connection,
    { tenantId, conversationId: conversation.id, firstPosition: 1 },
    stored,
  )
}

/** Replaces the stored prefix of a conversation, or removes it. */
export function writePrefix(
  connection: Connection,
  tenantId: string,
  input: { readonly conversationId: string; readonly prefix: PromptPrefix | null },
): void {
  if (input.prefix === null) {
    connection.run(
      `DELETE FROM prompt_prefixes WHERE tenant_id = ? AND conversation_id = ?`,
      tenantId,
      input.conversationId,
    )
    return
  }
  connection.run(
    `INSERT INTO prompt_prefixes (tenant_id, conversation_id, body) VALUES (?, ?, ?)
     ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET body = excluded.body`,
    tenantId,
    input.conversationId,
    toJsonColumn(input.prefix),
  )
}
