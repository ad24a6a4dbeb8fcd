import type { ConversationItem } from '../domain/conversation.ts'

/** How many items all conversations together keep in memory. */
const capacity = 20_000

/**
 * The views of the conversations this process ran last, so that a turn reads only what is new.
 *
 * Items are immutable and only the holder of the lease adds any; as long as the fence is the same, nobody else did.
 */
export class ItemCache {
  readonly #entries = new Map<string, CachedView>()
  #size = 0

  /** The items of a view that are known for this fence; empty when another process has run the conversation since. */
  get(conversationId: string, fence: number): readonly ConversationItem[] {
    const entry = this.#entries.get(conversationId)
    return entry === undefined || entry.fence !== fence ? [] : entry.items
  }

  /** Remembers the whole view as the runner now knows it. */
  put(conversationId: string, fence: number, items: readonly ConversationItem[]): void {
    this.forget(conversationId)
    if (items.length > capacity / 4) return
    this.#entries.set(conversationId, { fence, items })
    this.#size += items.length
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= capacity) break
      this.forget(oldest)
    }
  }

  /** Drops what is known of a conversation. */
  forget(conversationId: string): void {
    const entry = this.#entries.get(conversationId)
    if (entry === undefined) return
    this.#size -= entry.items.length
    this.#entries.delete(conversationId)
  }
}

interface CachedView {
  readonly fence: number
  readonly items: readonly ConversationItem[]
}
