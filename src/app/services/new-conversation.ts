import type { Agent } from '../../domain/agent.ts'
import type { Conversation } from '../../domain/conversation.ts'
import type { Message } from '../../domain/message.ts'
import { newIdentifier } from '../../domain/identifier.ts'
import { messageEntry } from '../../memory/search/search-entry.ts'
import type { NewMessage } from '../../storage/contract/new-message.ts'
import type { IdSource } from '../../util/id-source.ts'
import type { DecodedMessage } from '../../wire/message-request.ts'

/** What a conversation begins with. */
export interface ConversationStart {
  readonly id: string
  readonly agent: Agent
  readonly isDefault: boolean
  /** The text of the system message. */
  readonly system: string
  /** Messages that are there from the beginning, after the system message. */
  readonly initial: readonly DecodedMessage[]
  readonly at: number
  readonly fields?: Partial<Conversation>
}

/** A conversation with its first messages, ready to be stored. */
export function newConversation(
  ids: IdSource,
  start: ConversationStart,
): { readonly conversation: Conversation; readonly messages: readonly NewMessage[] } {
  const system = toMessage(ids, start, {
    role: 'system',
    content: [{ type: 'text', text: start.system }],
    name: null,
    otid: null,
    senderId: null,
    groupId: null,
  })
  const rest = start.initial.map((message) => toMessage(ids, start, message))
  return {
    conversation: {
      id: start.id,
      agentId: start.agent.id,
      isDefault: start.isDefault,
      summary: null,
      model: null,
      modelSettings: null,
      contextWindow: null,
      hidden: false,
      state: 'active',
      archivedAt: null,
      lastMessageAt: null,
      lastRunCompletion: null,
      createdAt: start.at,
      updatedAt: start.at,
      systemMessageId: system.id,
      viewFrom: 0,
      prefix: null,
      ...start.fields,
    },
    messages: [
      { message: system, entry: null },
      ...rest.map((message) => ({ message, entry: messageEntry(message, start.agent) })),
    ],
  }
}

function toMessage(ids: IdSource, start: ConversationStart, input: DecodedMessage): Message {
  return {
    id: newIdentifier(ids, 'message'),
    agentId: start.agent.id,
    conversationId: start.id,
    role: input.role,
    content: input.content,
    toolCalls: [],
    toolReturns: [],
    approvals: [],
    name: input.name,
    otid: input.otid ?? ids.uuid(),
    senderId: input.senderId,
    groupId: input.groupId,
    runId: null,
    stepId: null,
    model: null,
    isError: false,
    searchable: input.role !== 'system',
    createdAt: start.at,
    sequence: 0,
  }
}
