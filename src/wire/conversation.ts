import { z } from 'zod'
import { optional } from './optional.ts'
import type { Conversation } from '../domain/conversation.ts'
import type { JsonObject } from '../util/json.ts'
import { jsonObject } from './json-object.ts'
import { queryFlag, queryInteger, queryList } from './query.ts'
import { encodeTime, timeSchema } from './time.ts'

/** `CreateConversation`: unknown fields are ignored. */
export const createConversationSchema = z.lazy(() =>
  z.object({
    summary: optional(z.string()),
    model: optional(z.string()),
    model_settings: optional(jsonObject),
    context_window_limit: optional(z.int().min(1)),
    hidden: optional(z.boolean()),
    isolated_block_labels: optional(z.array(z.string())),
  }),
)

/** `UpdateConversation`: unknown fields are ignored, null ones change nothing. */
export const updateConversationSchema = z.lazy(() =>
  z.object({
    summary: optional(z.string()),
    model: optional(z.string()),
    model_settings: optional(jsonObject),
    context_window_limit: optional(z.int().min(1)),
    hidden: optional(z.boolean()),
    archived: optional(z.boolean()),
    last_message_at: optional(timeSchema),
  }),
)

/** The query of `GET /v1/conversations/`. */
export const conversationListQuery = z.lazy(() =>
  z.object({
    agent_id: z.string().optional(),
    limit: queryInteger.pipe(z.number().min(1)).default(50),
    after: z.string().optional(),
    summary_search: z.string().optional(),
    order: z.enum(['asc', 'desc']).default('desc'),
    order_by: z
      .enum(['created_at', 'last_run_completion', 'last_message_at'])
      .default('created_at'),
    archive_status: z.enum(['unarchived', 'archived', 'all']).default('unarchived'),
    show_hidden_conversations: queryFlag.default(false),
  }),
)

/** The query of the two lists of messages. */
export const messageListQuery = z.lazy(() =>
  z.object({
    limit: queryInteger.pipe(z.number().min(1)).default(100),
    order: z.enum(['asc', 'desc']).default('desc'),
    order_by: z.enum(['created_at']).optional(),
    before: z.string().optional(),
    after: z.string().optional(),
    agent_id: z.string().optional(),
    conversation_id: z.string().optional(),
    group_id: z.string().optional(),
    include_err: queryFlag.optional(),
    include_return_message_types: queryList.optional(),
    use_assistant_message: queryFlag.optional(),
    assistant_message_tool_name: z.string().optional(),
    assistant_message_tool_kwarg: z.string().optional(),
  }),
)

/** `Conversation`, with every field; `viewIds` is null where the response does not carry them. */
export function encodeConversation(
  conversation: Conversation,
  viewIds: readonly string[] | null,
): JsonObject {
  return {
    id: conversation.id,
    agent_id: conversation.agentId,
    summary: conversation.summary,
    in_context_message_ids: viewIds ?? [],
    isolated_block_ids: [],
    model: conversation.model,
    model_settings: conversation.modelSettings,
    context_window_limit: conversation.contextWindow,
    last_message_at: encodeTime(conversation.lastMessageAt),
    archived: conversation.archivedAt !== null,
    archived_at: encodeTime(conversation.archivedAt),
    hidden: conversation.hidden,
    created_by_id: null,
    last_updated_by_id: null,
    created_at: encodeTime(conversation.createdAt),
    updated_at: encodeTime(conversation.updatedAt),
  }
}
