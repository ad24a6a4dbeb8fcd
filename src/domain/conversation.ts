import type { JsonObject } from '../util/json.ts'
import type { Message } from './message.ts'

/** An ordered list of items with an agent. Each agent has one that is its default. */
export interface Conversation {
  /** `conv-<uuid4>`; for the default one `defaultConversationId(agentId)`. */
  readonly id: string
  readonly agentId: string
  /** Whether it is the one the wire calls `default`. */
  readonly isDefault: boolean
  /** A short text that says what it is about. */
  readonly summary: string | null
  /** A handle that replaces the agent's model here, or null. */
  readonly model: string | null
  readonly modelSettings: JsonObject | null
  /** A window that replaces the agent's here, in tokens, or null. */
  readonly contextWindow: number | null
  readonly hidden: boolean
  /** `paused` keeps turns and runs open and queues input. */
  readonly state: 'active' | 'paused'
  readonly archivedAt: number | null
  readonly lastMessageAt: number | null
  readonly lastRunCompletion: number | null
  readonly createdAt: number
  readonly updatedAt: number
  /** The identifier of the system message, the first of the wire's `message_ids`. */
  readonly systemMessageId: string
  /** The first item position still in the view that is sent to the model; 0 = everything. */
  readonly viewFrom: number
  /** The stable beginning of the prompt as it was last sent, or null before the first turn. */
  readonly prefix: PromptPrefix | null
}

/** The part of a prompt that is stored and reused byte for byte until one of its sources changes. */
export interface PromptPrefix {
  /** A hash over model, system text, rules and tool schemas: a different key means that it must be rebuilt. */
  readonly key: string
  /** The system text as sent. */
  readonly system: string
  /** When it was built, in epoch milliseconds. */
  readonly builtAt: number
  /** Each block the prompt's reader has been shown, by block id. */
  readonly shown: Readonly<Record<string, ShownBlock>>
  /** What it has been shown of facts, by slot. Absent in prefixes of before there were facts: nothing. */
  readonly shownFacts?: Readonly<Record<string, string>>
}

/** What the model was last shown of a block: in the prefix, in a tool result or in a tail item. */
export interface ShownBlock {
  readonly label: string
  readonly version: number
}

/** One place in a conversation: a message, or a tail item that was sent before it. */
export type ConversationItem = MessageItem | TailItem

/** A message at its place. */
export interface MessageItem {
  readonly kind: 'message'
  /** Unique and growing within the conversation; gaps are normal. */
  readonly position: number
  readonly message: Message
}

/**
 * Text that the product adds directly before the newest user message: the time, memory changed elsewhere, recalled
 * text. Stored, re-sent byte for byte, never listed or searched, dropped first.
 */
export interface TailItem {
  readonly kind: 'tail'
  readonly position: number
  /** The exact text that was sent. */
  readonly text: string
  /** What the text was made from: message, passage and block ids. */
  readonly sources: readonly string[]
  readonly createdAt: number
}
