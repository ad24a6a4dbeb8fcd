import type { Message } from '../../domain/message.ts'
import { Table } from './table.ts'

/** The table of messages. */
export const messageTable = new Table<Message>({
  name: 'messages',
  columns: {
    id: 'text',
    agentId: 'text',
    conversationId: 'text',
    role: 'text',
    content: 'json',
    toolCalls: 'json',
    toolReturns: 'json',
    approvals: 'json',
    name: 'text',
    otid: 'text',
    senderId: 'text',
    groupId: 'text',
    runId: 'text',
    stepId: 'text',
    model: 'text',
    isError: 'boolean',
    searchable: 'boolean',
    createdAt: 'integer',
    sequence: 'integer',
  },
})
