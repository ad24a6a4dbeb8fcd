import { z } from 'zod'
import { messageText, type Message } from '../domain/message.ts'
import type { JsonObject } from '../util/json.ts'
import { encodeContent } from './content.ts'
import { vectorShape } from './embedding.ts'
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
    limit: optional(z.int().min(1).max(100)),
    start_date: optional(spokenTime),
    end_date: optional(spokenTime),
    ...vectorShape,
    ...explainShape,
  }),
)

/** `UserMessageListResult` or `AssistantMessageListResult`. */
export function encodeMessageHit(message: Message): JsonObject {
  const isUser = message.role === 'user'
  return {
    message_type: isUser ? 'user_message' : 'assistant_message',
    content: isUser ? encodeContent(message.content) : messageText(message),
    message_id: message.id,
    agent_id: message.agentId,
    conversation_id: encodeConversationId(message),
    created_at: encodeTime(message.createdAt),
  }
}
