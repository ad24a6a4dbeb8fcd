import { messageTable } from '../engine/message-table.ts'
import type { MessageItem } from '../../domain/conversation.ts'
import type { Message } from '../../domain/message.ts'
import type { NewMessage } from '../contract/new-message.ts'
import type { SqlConnection } from './sql-connection.ts'
import { addDocument } from './search-index.ts'
import { toScopeToken } from '../engine/search-tokens.ts'
import { asInteger, type SqlExpression } from '../engine/sql-value.ts'
import type { ReservedSequence } from './sequences.ts'

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
  connection: SqlConnection,
  target: MessageTarget,
  messages: readonly NewMessage[],
): Message[] {
  const { firstSequence } = target
  const at = (index: number): SqlExpression => ({ sql: '?', values: [firstSequence + index] })
  postMessages(connection, { ...target, sequence: { at } }, messages)
  return numberMessages(messages, firstSequence)
}

/** Stores messages as {@link insertMessages} does, under numbers that only the database knows so far. */
export function postMessages(
  connection: SqlConnection,
  target: Pick<MessageTarget, 'tenantId' | 'agentId'> & {
    readonly sequence: Pick<ReservedSequence, 'at'>
  },
  messages: readonly NewMessage[],
): void {
  if (messages.length === 0) return
  const { tenantId, agentId } = target
  messages.forEach(({ message, entry }, index) => {
    const sequence = target.sequence.at(index)
    messageTable.insertComputed(connection, tenantId, {
      item: { ...message, sequence: 0 },
      computed: { sequence },
    })
    if (entry === null || !message.searchable) return
    addDocument(connection, {
      tenantId,
      itemId: message.id,
      sequence,
      scopeToken: toScopeToken({ kind: 'messages', tenantId, ownerId: agentId }),
      entry,
      role: message.role,
      conversationId: message.conversationId,
      createdAt: message.createdAt,
    })
  })
  connection.post(
    `UPDATE agent_activity SET message_count = message_count + ? WHERE tenant_id = ? AND agent_id = ?`,
    messages.length,
    tenantId,
    agentId,
  )
}

/** Messages as they are stored from a number on. */
export function numberMessages(messages: readonly NewMessage[], firstSequence: number): Message[] {
  return messages.map(({ message }, index) => ({ ...message, sequence: firstSequence + index }))
}

/** Where a message goes in a conversation whose lease is held. */
export interface MessagePlace {
  readonly tenantId: string
  readonly conversationId: string
  /** The end of the conversation is at least here before the message takes its place. */
  readonly atLeast: number
  /** The place, when it was kept free; else the message goes to the end. */
  readonly keptFree?: number | null
  /** The numbers that were reserved, and which of them is the message's. */
  readonly sequence: ReservedSequence
  readonly index: number
}

/**
 * Stores a message at its place and moves the end of the conversation behind it. Without a message the end only moves
 * to `atLeast`. Returns what waits for the message at its place. Refused when the message is another agent's.
 */
export function postPlacedMessage(
  connection: SqlConnection,
  place: MessagePlace,
  added: NewMessage | null,
): () => Promise<MessageItem | null> {
  const { tenantId, conversationId, atLeast } = place
  if (added === null) {
    connection.post(
      `UPDATE conversation_heads SET next_position = greatest(next_position, ?)
       WHERE tenant_id = ? AND conversation_id = ?`,
      atLeast,
      tenantId,
      conversationId,
    )
    return () => Promise.resolve(null)
  }
  const { message } = added
  const keptFree = place.keptFree ?? null
  const head = connection.require(
    `UPDATE conversation_heads SET next_position = CASE WHEN ?::bigint IS NULL
       THEN greatest(next_position, ?) + 1 ELSE next_position END
     WHERE tenant_id = ? AND conversation_id = ? AND agent_id = ? RETURNING next_position - 1`,
    keptFree,
    atLeast,
    tenantId,
    conversationId,
    message.agentId,
  )
  const number = place.sequence.at(place.index)
  const sequence = { at: () => number }
  postMessages(connection, { tenantId, agentId: message.agentId, sequence }, [added])
  connection.post(
    `INSERT INTO conversation_items
       (tenant_id, conversation_id, position, message_id, message_sequence, created_at)
     SELECT tenant_id, conversation_id, coalesce(?, next_position - 1), ?, ${number.sql}, ?
     FROM conversation_heads WHERE tenant_id = ? AND conversation_id = ?`,
    keptFree,
    message.id,
    ...number.values,
    message.createdAt,
    tenantId,
    conversationId,
  )
  return async () => ({
    kind: 'message',
    position: keptFree ?? asInteger((await head)?.[0]),
    message: { ...message, sequence: (await place.sequence.first()) + place.index },
  })
}
