import type { ConversationItem, MessageItem } from '../domain/conversation.ts'

/** The items of a view as they are sent with a prefix. */
export interface SentView {
  /** The summary, which is sent first; null = there is none. */
  readonly summary: MessageItem | null
  readonly items: readonly ConversationItem[]
  /** How many of `items` are settled: nothing that comes later changes what they are sent as. */
  readonly settled: number
}

/** What is in a view, sent or not. */
export interface ViewContents {
  readonly hasSummary: boolean
  /** How many of its items are messages. */
  readonly messages: number
}
