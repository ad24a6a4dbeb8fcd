import { ItemMemory } from '../context/item-memory.ts'
import type { ConversationItem } from '../domain/conversation.ts'
import type { ConversationWithAgent } from '../storage/contract/conversation-store.ts'

/** How many items all conversations together keep in memory. */
const capacity = 20_000

/**
 * The views of the conversations this process ran last, so that a turn reads only what is new.
 *
 * Items are immutable and only the holder of the lease adds any. A view is good for the lease it was read under and
 * for the next one, when nobody else had it in between: the store decides that by the fence.
 */
export class ItemCache {
  readonly #entries = new Map<string, CachedView>()
  #size = 0
  /** What was worked out from the items, for as long as they are remembered by anybody. */
  readonly memory = new ItemMemory()

  /** What was remembered of a conversation's view, or null. */
  get(conversationId: string): CachedView | null {
    return this.#entries.get(conversationId) ?? null
  }

  /** Remembers the whole view as the runner now knows it. */
  put(conversationId: string, view: CachedView): void {
    this.forget(conversationId)
    if (view.items.length > capacity / 4) return
    this.#entries.set(conversationId, view)
    this.#size += view.items.length
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

/** A view and what its last turn began with. */
export interface CachedView {
  /** Of the lease it was read under. */
  readonly fence: number
  readonly items: readonly ConversationItem[]
  readonly place: ConversationWithAgent
}
