import type { ConversationItem } from '../domain/conversation.ts'
import type { ContentPart } from '../domain/message.ts'
import { countTokens } from '../llm/count-tokens.ts'
import { quoteReturn } from '../memory/quote.ts'
import { cutShortText } from './model-messages.ts'
import { renderSummary } from './summary-view.ts'

/** Tokens that a provider adds around each message, at most. */
const messageOverhead = 8

/** What a picture costs at most with the providers supported, in tokens. */
const imageTokens = 1600

/** About how many tokens a message takes beside its texts: what a provider adds around it, and its pictures. */
export function countBesideText(content: readonly ContentPart[]): number {
  return messageOverhead + imageTokens * content.filter(({ type }) => type === 'image').length
}

/** About how many tokens an item takes in a prompt. */
export function countItem(item: ConversationItem): number {
  if (item.kind === 'tail') return countTokens(item.text) + messageOverhead
  const { content, toolCalls, toolReturns } = item.message
  let tokens = countBesideText(content)
  for (const part of content) {
    if (part.type === 'text' || part.type === 'reasoning') tokens += countTokens(part.text)
    else if (part.type === 'summary')
      tokens += countTokens(renderSummary(item.message.id, part.text, part.facts))
  }
  if (item.message.isError) tokens += countTokens(cutShortText)
  for (const call of toolCalls)
    tokens += countTokens(call.name) + countTokens(call.arguments) + messageOverhead
  for (const result of toolReturns)
    tokens += countTokens(quoteReturn(result.text)) + messageOverhead
  return tokens
}
