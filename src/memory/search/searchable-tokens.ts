import { z } from 'zod'
import { messageText, type Message } from '../../domain/message.ts'
import { analyse } from '../analysis/analyse.ts'

/** The parts of a message that decide what it is found by. */
export type SearchableMessage = Pick<
  Message,
  'role' | 'content' | 'toolCalls' | 'toolReturns' | 'name' | 'searchable'
>

/** The arguments of `send_message` as the model wrote them; broken JSON has no text. */
const sentMessage = z.object({ message: z.string() })

/**
 * The tokens a message is stored with, or null when search must not find it: system, summary and approval messages,
 * messages marked as not searchable, and those without words.
 *
 * Users and assistants are found by their text (an assistant also by what it said through `send_message`) and by the
 * speaker's name; tool messages by their returns (those with returns that quote memory are stored as not searchable).
 */
export function searchableTokens(message: SearchableMessage): readonly string[] | null {
  if (!message.searchable) return null
  const tokens = analyse(searchableText(message))
  if (tokens.length === 0) return null
  return message.name === null ? tokens : [...analyse(message.name), ...tokens]
}

/** The tokens a passage is stored with. */
export function passageTokens(text: string): readonly string[] {
  return analyse(text)
}

/** The text of a message that search looks at and results show; empty when there is none. */
export function searchableText(message: SearchableMessage): string {
  switch (message.role) {
    case 'user':
      return messageText(message)
    case 'assistant':
      return [messageText(message), ...sentTexts(message)].join('\n')
    case 'tool':
      return message.toolReturns.map((result) => result.text).join('\n')
    case 'system':
    case 'approval':
    case 'summary':
      return ''
  }
}

function sentTexts({ toolCalls }: SearchableMessage): readonly string[] {
  return toolCalls
    .filter((call) => call.name === 'send_message')
    .map((call) => readSentText(call.arguments))
}

function readSentText(argumentsText: string): string {
  const parsed = sentMessage.safeParse(parseJson(argumentsText))
  return parsed.success ? parsed.data.message : ''
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
