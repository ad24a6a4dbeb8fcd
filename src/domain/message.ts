import type { JsonObject } from '../util/json.ts'
import type { CallAnswer } from './approval.ts'
import type { SummaryFacts } from './summary.ts'

/** Who a stored message comes from. */
export type MessageRole = 'system' | 'user' | 'assistant' | 'tool' | 'approval' | 'summary'

/** A piece of a message's content. */
export type ContentPart = TextPart | ImagePart | ReasoningPart | RedactedReasoningPart | SummaryPart

/** Plain text. */
export interface TextPart {
  readonly type: 'text'
  readonly text: string
}

/** A picture, by URL or inline. */
export interface ImagePart {
  readonly type: 'image'
  /** The wire's `source` object, kept as it came. */
  readonly source: JsonObject
}

/** What a reasoning model thought before it answered. */
export interface ReasoningPart {
  readonly type: 'reasoning'
  readonly text: string
  /** The provider's proof that the text is its own, replayed only to the model that made it. */
  readonly signature: string | null
}

/** Reasoning that the provider hides. */
export interface RedactedReasoningPart {
  readonly type: 'redacted_reasoning'
  /** The provider's opaque data; null when it sent none (state `omitted`). */
  readonly data: string | null
}

/** What stands for the messages that have left the view; the only part of a message of role `summary`. */
export interface SummaryPart {
  readonly type: 'summary'
  readonly text: string
  readonly facts: SummaryFacts
}

/** A model's wish to have a tool run. */
export interface ToolCall {
  /** The provider's identifier of the call; unique within its message. */
  readonly callId: string
  readonly name: string
  /** The arguments as JSON text, exactly as the model wrote them. */
  readonly arguments: string
}

/** What came of one tool call. */
export interface ToolReturn {
  readonly callId: string
  readonly name: string
  readonly status: 'success' | 'error'
  /** What the model reads. */
  readonly text: string
  readonly stdout: readonly string[] | null
  readonly stderr: readonly string[] | null
}

/**
 * Something that was said. Immutable once stored; its place is in the conversation item, not in the message.
 */
export interface Message {
  /** `message-<uuid4>`. */
  readonly id: string
  readonly agentId: string
  /** The conversation it was first said in; forks share messages through items. */
  readonly conversationId: string
  readonly role: MessageRole
  readonly content: readonly ContentPart[]
  /** Non-empty only for role `assistant`, and for role `approval` when it asks: the calls that wait for an answer. */
  readonly toolCalls: readonly ToolCall[]
  /** Non-empty only for role `tool`, in the order of the calls. */
  readonly toolReturns: readonly ToolReturn[]
  /** Non-empty only for role `approval` when it answers, in the order of the calls asked about. */
  readonly approvals: readonly CallAnswer[]
  /** The name of the speaker, if the client gave one. */
  readonly name: string | null
  /** The client's idempotency key, or a UUID of ours. */
  readonly otid: string
  readonly senderId: string | null
  readonly groupId: string | null
  readonly runId: string | null
  readonly stepId: string | null
  /** The handle of the model that wrote it, for role `assistant`. */
  readonly model: string | null
  /** Whether it was cut short or reports a failure. */
  readonly isError: boolean
  /** Whether search finds it; quotations of other messages are kept out so that they are never found again. */
  readonly searchable: boolean
  /** When it was said, in epoch milliseconds. */
  readonly createdAt: number
  /** Grows with each message stored in the database; the cursor of message lists. 0 until stored. */
  readonly sequence: number
}

/** The words of a message that a person would read: its text parts joined by line breaks. */
export function messageText(message: Pick<Message, 'content'>): string {
  return message.content
    .filter((part) => part.type === 'text')
    .map((part) => part.text)
    .join('\n')
}

/** The summary in a message of role `summary`; null for every other message. */
export function summaryOf(message: Pick<Message, 'role' | 'content'>): SummaryPart | null {
  const [part] = message.content
  return message.role === 'summary' && part?.type === 'summary' ? part : null
}
