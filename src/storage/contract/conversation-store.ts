import type { Agent } from '../../domain/agent.ts'
import type { Block } from '../../domain/block.ts'
import type { Conversation, ConversationItem } from '../../domain/conversation.ts'
import type { Message, MessageRole } from '../../domain/message.ts'
import type { TenantScope } from '../../domain/scope.ts'
import type { NewMessage } from './new-message.ts'

/** Conversations and the messages in them. */
export interface ConversationStore {
  /** Stores a conversation with its first messages at positions 1, 2, …; `not_found` when the agent does not exist. */
  createConversation(
    scope: TenantScope,
    input: { readonly conversation: Conversation; readonly messages: readonly NewMessage[] },
  ): Promise<Conversation>
  /** `not_found` when there is none. */
  getConversation(scope: TenantScope, input: { readonly id: string }): Promise<Conversation>
  /** A conversation with its agent and that agent's blocks in order, in one read; `not_found` when there is none. */
  getConversationWithAgent(
    scope: TenantScope,
    input: { readonly id: string },
  ): Promise<ConversationWithAgent>
  /** Conversations that pass the filter; the default ones are left out. An unknown cursor is `not_found`. */
  listConversations(scope: TenantScope, input: ConversationQuery): Promise<readonly Conversation[]>
  /** Changes the fields that are present. `not_found` when there is none. */
  updateConversation(scope: TenantScope, input: ConversationPatch): Promise<Conversation>
  /** Removes a conversation with its runs, and the messages no other conversation shares. `not_found`, also a second time. */
  deleteConversation(scope: TenantScope, input: { readonly id: string }): Promise<void>
  /**
   * The system message and the identifiers in the view (not tail items) of several conversations, in order,
   * by conversation id.
   */
  listViewMessageIds(
    scope: TenantScope,
    input: { readonly conversationIds: readonly string[] },
  ): Promise<Readonly<Record<string, readonly string[]>>>
  /** The items of a conversation by position, ascending. */
  listItems(
    scope: TenantScope,
    input: {
      readonly conversationId: string
      readonly fromPosition: number
      readonly limit: number
    },
  ): Promise<readonly ConversationItem[]>
  /** Messages by id; those that do not exist are left out. */
  getMessages(
    scope: TenantScope,
    input: { readonly ids: readonly string[] },
  ): Promise<readonly Message[]>
  /**
   * Messages by `sequence` or by when they were said, always returned oldest first: with `desc` the newest `limit`, with `asc`
   * the oldest. `after` = strictly newer, `before` = strictly older, whatever the order. Unknown cursors are `not_found`.
   */
  listMessages(scope: TenantScope, input: MessageListQuery): Promise<readonly Message[]>
  /** How many messages an agent has in all of its conversations. */
  countMessages(scope: TenantScope, input: { readonly agentId: string }): Promise<number>
}

/** Which conversations, in which order. */
export interface ConversationQuery {
  readonly agentId?: string
  readonly summaryContains?: string
  /** Default: those that are not archived. */
  readonly archived?: 'unarchived' | 'archived' | 'all'
  readonly includeHidden?: boolean
  readonly limit: number
  readonly order: 'asc' | 'desc'
  /** Null times come last. */
  readonly orderBy: 'createdAt' | 'lastRunCompletion' | 'lastMessageAt'
  readonly after?: string
}

/** The changeable fields of a conversation. */
export interface ConversationPatch {
  readonly id: string
  readonly at: number
  readonly set: Partial<
    Pick<
      Conversation,
      | 'summary'
      | 'model'
      | 'modelSettings'
      | 'contextWindow'
      | 'hidden'
      | 'state'
      | 'archivedAt'
      | 'lastMessageAt'
      | 'prefix'
      | 'viewFrom'
    >
  >
}

/** Which messages. */
export interface MessageListQuery {
  readonly agentId?: string
  /** Only messages that have an item in this conversation. */
  readonly conversationId?: string
  readonly runId?: string
  readonly stepId?: string
  readonly roles?: readonly MessageRole[]
  /** Only what was said not after, inclusive, epoch milliseconds. */
  readonly until?: number
  /**
   * `createdAt` = by when they were said, which is another order where an agent was given a history to import, and takes a look at
   * all of the agent's messages there. Only with `agentId`. Default: `sequence`.
   */
  readonly orderBy?: 'sequence' | 'createdAt'
  readonly limit: number
  readonly order: 'asc' | 'desc'
  readonly after?: string
  readonly before?: string
}

/** What an input to a conversation is checked against. */
export interface ConversationWithAgent {
  readonly conversation: Conversation
  readonly agent: Agent
  /** The agent's blocks in order. */
  readonly blocks: readonly Block[]
}
