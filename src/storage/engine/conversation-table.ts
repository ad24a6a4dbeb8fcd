import type { Conversation } from '../../domain/conversation.ts'
import { Table } from './table.ts'

/** The fields of a conversation that its own row holds; the prefix is large and has its own. */
export type ConversationRow = Omit<Conversation, 'prefix'>

/** The table of conversations. */
export const conversationTable = new Table<ConversationRow>({
  name: 'conversations',
  columns: {
    id: 'text',
    agentId: 'text',
    isDefault: 'boolean',
    summary: 'text',
    model: 'text',
    modelSettings: 'json',
    contextWindow: 'integer',
    hidden: 'boolean',
    state: 'text',
    archivedAt: 'integer',
    lastMessageAt: 'moment',
    lastRunCompletion: 'moment',
    createdAt: 'integer',
    updatedAt: 'integer',
    systemMessageId: 'text',
    viewFrom: 'integer',
  },
})
