import type { ConversationItem } from '../domain/conversation.ts'
import { summaryOf, type ContentPart, type Message, type ToolReturn } from '../domain/message.ts'
import { ItemMemory } from './item-memory.ts'
import { joinsPrevious } from './joined-request.ts'
import { renderSummary } from './summary-view.ts'
import type { ModelContent, ModelMessage, ModelToolReturn } from '../llm/model.ts'
import { quoteReturn } from '../memory/quote.ts'

/** What the model reads in place of a return that was never stored. */
export const missingReturnText =
  'This call was interrupted before its result was recorded. It may or may not have taken effect.'

/** What the model reads behind words of its own that the user cut short. */
export const cutShortText = '[The user stopped this answer here.]'

/**
 * Turns the items of a view into the messages that are sent; a message that `memory` knows is the same object as before.
 *
 * - A tail item becomes a user message of its own; one that follows a tool message is added to its last return, so
 *   that tool calls and returns stay together.
 * - The calls that waited for an answer join those of the assistant message of their step; the answer itself is not sent,
 *   its effect is in the returns.
 * - Each assistant message with tool calls is followed by returns for all of them; a return that is missing (the turn
 *   was cancelled or failed) is replaced by {@link missingReturnText}.
 * - An answer that was cut short ends with {@link cutShortText}.
 * - System messages inside a conversation and summaries are sent as user messages.
 *
 * The first `settled` items are those that nothing which follows changes.
 */
export function toModelMessages(
  items: readonly ConversationItem[],
  memory: ItemMemory = new ItemMemory(),
  settled = 0,
): readonly ModelMessage[] {
  const before = memory.settledMessages.fold(items, {
    first: settled,
    start: [],
    add: (messages, added) => messages.concat(writeItems(added, memory)),
  })
  return before.concat(writeItems(items.slice(settled), memory))
}

function writeItems(
  items: readonly ConversationItem[],
  memory: ItemMemory,
): readonly ModelMessage[] {
  const messages: ModelMessage[] = []
  for (const [index, item] of items.entries()) {
    if (item.kind === 'tail') {
      const before = lastToolMessage(messages)
      if (before !== null) messages.pop()
      messages.push(...memory.messages(item, [before], () => [writeTail(item.text, before)]))
      continue
    }
    const { message } = item
    if (message.role === 'tool' || isJoined(items, index)) continue
    const isAnswer = message.role === 'assistant' || message.toolCalls.length > 0
    const [request = null] = isAnswer ? requestOf(items, index) : []
    const hasCalls = message.toolCalls.length > 0 || request !== null
    const returns = hasCalls ? returnsOf(items, index) : noReturns
    const write = (): readonly ModelMessage[] =>
      isAnswer
        ? writeAnswer(request === null ? [message] : [message, request], returns)
        : writeInput(message)
    messages.push(...memory.messages(item, [request, returns], write))
  }
  return messages
}

const noReturns: readonly ToolReturn[] = []

type ToolMessage = Extract<ModelMessage, { role: 'tool' }>

function lastToolMessage(messages: readonly ModelMessage[]): ToolMessage | null {
  const last = messages.at(-1)
  return last?.role === 'tool' && last.returns.length > 0 ? last : null
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
  return noReturns
}

function writeInput(message: Message): readonly ModelMessage[] {
  const summary = summaryOf(message)
  if (summary !== null) {
    const text = renderSummary(message.id, summary.text, summary.facts)
    return [{ role: 'user', content: [{ type: 'text', text }] }]
  }
  const content = toModelContent(message.content)
  return content.length === 0 ? [] : [{ role: 'user', content }]
}

function writeAnswer(
  parts: readonly Message[],
  stored: readonly ToolReturn[],
): readonly ModelMessage[] {
  const words = parts.flatMap((part) => toModelContent(part.content))
  const content: readonly ModelContent[] = parts.some(({ isError }) => isError)
    ? [...words, { type: 'text', text: cutShortText }]
    : words
  const toolCalls = parts.flatMap((part) => part.toolCalls)
  if (content.length === 0 && toolCalls.length === 0) return []
  const said: ModelMessage = {
    role: 'assistant',
    content,
    toolCalls,
    model: parts[0]?.model ?? null,
  }
  if (toolCalls.length === 0) return [said]
  const returns = toolCalls.map((call): ModelToolReturn => {
    const found = stored.find((candidate) => candidate.callId === call.callId)
    return {
      callId: call.callId,
      name: call.name,
      text: found === undefined ? missingReturnText : quoteReturn(found.text),
      isError: found === undefined || found.status === 'error',
    }
  })
  return [said, { role: 'tool', returns }]
}

function writeTail(text: string, before: ToolMessage | null): ModelMessage {
  const lastReturn = before?.returns.at(-1)
  if (before === null || lastReturn === undefined) {
    return { role: 'user', content: [{ type: 'text', text }] }
  }
  const changed = { ...lastReturn, text: `${lastReturn.text}\n\n${text}` }
  return { role: 'tool', returns: [...before.returns.slice(0, -1), changed] }
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
      case 'summary':
        return []
      default:
        return part satisfies never
    }
  })
}
