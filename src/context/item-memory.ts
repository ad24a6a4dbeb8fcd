import type { ConversationItem } from '../domain/conversation.ts'
import type { ModelMessage } from '../llm/model.ts'
import { GrowingFold } from '../util/growing-fold.ts'
import type { SentView, ViewContents } from './view-results.ts'

/** How many characters of system texts and tool lists are remembered with their sizes; one or two bytes each. */
const mostTextLength = 2_000_000

/**
 * What was worked out from the items of views, kept for as long as somebody remembers the items themselves.
 *
 * Items never change, so a prompt that was sent before costs little more than the messages that are new in it.
 */
export class ItemMemory {
  readonly #known = new WeakMap<ConversationItem, KnownItem>()
  readonly #texts = new Map<string, number>()
  #textLength = 0

  /** What is sent of settled items, and the newest summary among them. */
  readonly sent = new GrowingFold<ConversationItem, Omit<SentView, 'settled'>>()
  /** What settled items take together, in tokens. */
  readonly sizes = new GrowingFold<ConversationItem, number>()
  /** What settled items are sent as. */
  readonly settledMessages = new GrowingFold<ConversationItem, readonly ModelMessage[]>()
  /** The positions of settled items, as they are hashed. */
  readonly positions = new GrowingFold<ConversationItem, string>()
  /** What is in a view before a turn, sent or not. */
  readonly contents = new GrowingFold<ConversationItem, ViewContents>()

  /** The size of an item in tokens, as `count` said once. */
  tokens(item: ConversationItem, count: (item: ConversationItem) => number): number {
    const known = this.#of(item)
    known.tokens ??= count(item)
    return known.tokens
  }

  /** The size of a text that many requests begin with, as `count` says. */
  textTokens(text: string, count: (text: string) => number): number {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    const tokens = count(text)
    if (text.length > mostTextLength / 4) return tokens
    this.#texts.set(text, tokens)
    this.#textLength += text.length
    for (const oldest of this.#texts.keys()) {
      if (this.#textLength <= mostTextLength) break
      this.#texts.delete(oldest)
      this.#textLength -= oldest.length
    }
    return tokens
  }

  /** The messages an item is sent as: those of the last time, unless what else they depend on is another object now. */
  messages(
    item: ConversationItem,
    neighbours: readonly (object | null)[],
    write: () => readonly ModelMessage[],
  ): readonly ModelMessage[] {
    const known = this.#of(item)
    const { sent } = known
    if (sent !== null && neighbours.every((one, index) => one === sent.neighbours[index])) {
      return sent.messages
    }
    const messages = write()
    known.sent = { neighbours, messages }
    return messages
  }

  #of(item: ConversationItem): KnownItem {
    const known = this.#known.get(item)
    if (known !== undefined) return known
    const fresh: KnownItem = { tokens: null, sent: null }
    this.#known.set(item, fresh)
    return fresh
  }
}

interface KnownItem {
  tokens: number | null
  sent: {
    /** What else the messages depend on. */
    readonly neighbours: readonly (object | null)[]
    readonly messages: readonly ModelMessage[]
  } | null
}
