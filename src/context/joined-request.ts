import type { ConversationItem } from '../domain/conversation.ts'
import type { Message } from '../domain/message.ts'

/** Whether a message asks about further calls of the assistant message before it: both are one answer of the model. */
export function joinsPrevious(message: Message, previous: ConversationItem | undefined): boolean {
  return (
    message.role === 'approval' &&
    message.toolCalls.length > 0 &&
    previous?.kind === 'message' &&
    previous.message.role === 'assistant' &&
    previous.message.stepId === message.stepId
  )
}
