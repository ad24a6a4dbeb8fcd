import { z } from 'zod'
import type { Message } from '../domain/message.ts'
import type { JsonObject } from '../util/json.ts'
import { encodeContent } from './content.ts'
import { vectorShape } from './embedding.ts'
import type { MessageType } from './message.ts'
import { explainShape } from './search-explanation.ts'
import { optional } from './optional.ts'
import { encodeConversationId } from './run.ts'
import { encodeTime, spokenTime } from './time.ts'

/** `SearchAllMessagesRequest`. */
export const messageSearchSchema = z.lazy(() =>
  z.strictObject({
    query: z.string(),
    search_mode: optional(z.enum(['vector', 'fts', 'hybrid'])),
    agent_id: optional(z.string()),
    conversation_id: optional(z.string()),
    /** Default: user and assistant. */
    roles: optional(z.array(z.enum(['user', 'assistant', 'tool']))),
    limit: optional(z.int().min(1).max(100)),
    start_date: optional(spokenTime),
    end_date: optional(spokenTime),
    ...vectorShape,
    ...explainShape,
  }),
)

/**
 * `UserMessageListResult` or `AssistantMessageListResult`; of a tool, which the original does not find, the like with its type.
 *
 * @param text What it is found by: of an assistant also what it said through a tool.
 */
export function encodeMessageHit(message: Message, text: string): JsonObject {
  return {
    message_type: hitTypes[message.role] ?? 'assistant_message',
    content: message.role === 'user' ? encodeContent(message.content) : text,
    message_id: message.id,
    agent_id: message.agentId,
    conversation_id: encodeConversationId(message),
    created_at: encodeTime(message.createdAt),
  }
}

const hitTypes: Partial<Record<Message['role'], MessageType>> = {
  user: 'user_message',
  tool: 'tool_return_message',
}
