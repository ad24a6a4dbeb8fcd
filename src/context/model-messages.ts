import type { ConversationItem } from '../domain/conversation.ts'
import type { ContentPart, Message, ToolReturn } from '../domain/message.ts'
import { joinsPrevious } from './joined-request.ts'
import type { ModelContent, ModelMessage, ModelToolReturn } from '../llm/model.ts'

/** What the model reads in place of a return that was never stored. */
export const missingReturnText =
  'This call was interrupted before its result was recorded. It may or may not have taken effect.'

/** What the model reads behind words of its own that the user cut short. */
export const cutShortText = '[The user stopped this answer here.]'

/**
 * Turns the items of a view into the messages that are sent.
 *
 * - A tail item becomes a user message of its own; one that follows a tool message is added to its last return, so
 *   that tool calls and returns stay together.
 * - The calls that waited for an answer join those of the assistant message of their step; the answer itself is not sent,
 *   its effect is in the returns.
 * - Each assistant message with tool calls is followed by returns for all of them; a return that is missing (the turn
 *   was cancelled or failed) is replaced by {@link missingReturnText}.
 * - An answer that was cut short ends with {@link cutShortText}.
 * - System messages inside a conversation and summaries are sent as user messages.
 */
export function toModelMessages(items: readonly ConversationItem[]): readonly ModelMessage[] {
  const messages: ModelMessage[] = []
  for (const [index, item] of items.entries()) {
    if (item.kind === 'tail') {
      appendTail(messages, item.text)
      continue
    }
    const { message } = item
    if (message.role === 'tool' || isJoined(items, index)) continue
    if (message.role === 'assistant' || message.toolCalls.length > 0) {
      appendAssistant(messages, [message, ...requestOf(items, index)], returnsOf(items, index))
    } else if (message.content.length > 0)
      messages.push({ role: 'user', content: toModelContent(message.content) })
  }
  return messages
}

/** Whether a message is sent as part of the one before it, or not at all: a request after its assistant message, an answer. */
function isJoined(items: readonly ConversationItem[], index: number): boolean {
  const item = items[index]
  if (item?.kind !== 'message' || item.message.role !== 'approval') return false
  return item.message.toolCalls.length === 0 || joinsPrevious(item.message, items[index - 1])
}

/** The request that belongs to the assistant message at a place. */
function requestOf(items: readonly ConversationItem[], index: number): readonly Message[] {
  const next = items[index + 1]
  return next?.kind === 'message' && joinsPrevious(next.message, items[index]) ? [next.message] : []
}

/** The returns of the calls at a place: what the next message holds that is not about an approval. */
function returnsOf(items: readonly ConversationItem[], index: number): readonly ToolReturn[] {
  for (const item of items.slice(index + 1, index + 6)) {
    if (item.kind !== 'message' || item.message.role === 'approval') continue
    return item.message.toolReturns
  }
  return []
}

function appendAssistant(
  messages: ModelMessage[],
  parts: readonly Message[],
  stored: readonly ToolReturn[],
): void {
  const said = parts.flatMap((part) => toModelContent(part.content))
  const content: readonly ModelContent[] = parts.some(({ isError }) => isError)
    ? [...said, { type: 'text', text: cutShortText }]
    : said
  const toolCalls = parts.flatMap((part) => part.toolCalls)
  if (content.length === 0 && toolCalls.length === 0) return
  messages.push({ role: 'assistant', content, toolCalls, model: parts[0]?.model ?? null })
  if (toolCalls.length === 0) return
  const returns = toolCalls.map((call): ModelToolReturn => {
    const found = stored.find((candidate) => candidate.callId === call.callId)
    return {
      callId: call.callId,
      name: call.name,
      text: found?.text ?? missingReturnText,
      isError: found === undefined || found.status === 'error',
    }
  })
  messages.push({ role: 'tool', returns })
}

function appendTail(messages: ModelMessage[], text: string): void {
  const last = messages.at(-1)
  const lastReturn = last?.role === 'tool' ? last.returns.at(-1) : undefined
  if (last?.role !== 'tool' || lastReturn === undefined) {
    messages.push({ role: 'user', content: [{ type: 'text', text }] })
    return
  }
  messages[messages.length - 1] = {
    role: 'tool',
    returns: [
      ...last.returns.slice(0, -1),
      { ...lastReturn, text: `${lastReturn.text}\n\n${text}` },
    ],
  }
}

function toModelContent(parts: readonly ContentPart[]): readonly ModelContent[] {
  return parts.flatMap((part): readonly ModelContent[] => {
    switch (part.type) {
      case 'text':
        return part.text === '' ? [] : [{ type: 'text', text: part.text }]
      case 'image':
        return [{ type: 'image', source: part.source }]
      case 'reasoning':
        return [{ type: 'reasoning', text: part.text, signature: part.signature }]
      case 'redacted_reasoning':
        return part.data === null ? [] : [{ type: 'reasoning-hidden', data: part.data }]
      default:
        return part satisfies never
    }
  })
}
