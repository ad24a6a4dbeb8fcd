import { messageTable } from '../engine/message-table.ts'
import type { Message } from '../../domain/message.ts'
import type { NewMessage } from '../contract/new-message.ts'
import type { Connection } from './connection.ts'
import { addDocument } from './search-index.ts'
import { toScopeToken } from '../engine/search-tokens.ts'

/** Where new messages go. */
export interface MessageTarget {
  readonly tenantId: string
  readonly agentId: string
  readonly firstSequence: number
}

/**
 * Stores messages with consecutive numbers, indexes those that are searchable and counts them for the agent.
 * Returns them as stored.
 */
export function insertMessages(
  connection: Connection,
  target: MessageTarget,
  messages: readonly NewMessage[],
): Message[] {
  if (messages.length === 0) return []
  const { tenantId, agentId, firstSequence } = target
  const stored = messages.map(({ message }, index) => ({
    ...message,
    sequence: firstSequence + index,
  }))
  stored.forEach((message, index) => {
    messageTable.insert(connection, tenantId, { item: message })
    const entry = messages[index]?.entry ?? null
    if (entry === null || !message.searchable) return
    addDocument(connection, {
      tenantId,
      itemId: message.id,
      scopeToken: toScopeToken({ kind: 'messages', tenantId, ownerId: agentId }),
      entry,
      role: message.role,
      conversationId: message.conversationId,
      createdAt: message.createdAt,
    })
  })
  connection.run(
    `UPDATE agent_activity SET message_count = message_count + ? WHERE tenant_id = ? AND agent_id = ?`,
    stored.length,
    tenantId,
    agentId,
  )
  return stored
}
