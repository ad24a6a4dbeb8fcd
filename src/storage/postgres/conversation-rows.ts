import { insertConversationRows, insertMessageItems } from '../engine/conversation-changes.ts'
import { requireConversation, selectConversation } from '../engine/conversation-table.ts'
import type { Conversation } from '../../domain/conversation.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { NewMessage } from '../contract/new-message.ts'
import type { SqlConnection } from './sql-connection.ts'
import { insertMessages } from './message-rows.ts'
import { takeSequence } from './sequences.ts'

/** A conversation that exists for the caller; throws `not_found`. */
export async function readConversation(
  connection: SqlConnection,
  scope: TenantScope,
  id: string,
): Promise<Conversation> {
  return requireConversation(
    scope,
    id,
    await connection.get(selectConversation, scope.tenantId, id),
  )
}

/** Stores a conversation with its first messages at positions 1, 2, …. */
export async function insertConversation(
  connection: SqlConnection,
  tenantId: string,
  input: { readonly conversation: Conversation; readonly messages: readonly NewMessage[] },
): Promise<void> {
  const { conversation, messages } = input
  insertConversationRows(connection, tenantId, { conversation, messageCount: messages.length })
  if (messages.length === 0) return
  const stored = insertMessages(
    connection,
    {
      tenantId,
      agentId: conversation.agentId,
      firstSequence: await takeSequence(connection, tenantId, messages.length),
    },
    messages,
  )
  insertMessageItems(
    connection,
    { tenantId, conversationId: conversation.id, firstPosition: 1 },
    stored,
  )
}
