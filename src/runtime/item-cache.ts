import { ItemMemory } from '../context/item-memory.ts'
import type { ConversationItem } from '../domain/conversation.ts'
import type { ConversationWithAgent } from '../storage/contract/conversation-store.ts'
import { GrowingFold } from '../util/growing-fold.ts'

/** How much all views together may weigh, in characters; with what is worked out from them, two to three bytes each. */
const defaultCapacity = 40_000_000

/** What an item weighs besides its texts, in characters. */
const itemWeight = 600

/**
 * The views of the conversations this process ran last, so that a turn reads only what is new.
 *
 * Items are immutable and only the holder of the lease adds any. A view is good for the lease it was read under and
 * for the next one, when nobody else had it in between: the store decides that by the fence.
 */
export class ItemCache {
  readonly #capacity: number
  readonly #entries = new Map<string, WeighedView>()
  readonly #weights = new GrowingFold<ConversationItem, number>()
  #weight = 0
  /** What was worked out from the items, for as long as they are remembered by anybody. */
  readonly memory = new ItemMemory()

  /** `capacity` is what all views may weigh, in characters. Default: 40 million. */
  constructor(capacity = defaultCapacity) {
    this.#capacity = capacity
  }

  /** What was remembered of a conversation's view, or null. */
  get(conversationId: string): CachedView | null {
    return this.#entries.get(conversationId)?.view ?? null
  }

  /** Remembers the whole view as the runner now knows it, unless it alone takes a quarter of what there is room for. */
  put(conversationId: string, view: CachedView): void {
    this.forget(conversationId)
    const weight = this.#weights.fold(view.items, { start: 0, add: addWeights })
    if (weight > this.#capacity / 4) return
    this.#entries.set(conversationId, { view, weight })
    this.#weight += weight
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#capacity) break
      this.forget(oldest)
    }
  }

  /** Drops what is known of a conversation. */
  forget(conversationId: string): void {
    const entry = this.#entries.get(conversationId)
    if (entry === undefined) return
    this.#weight -= entry.weight
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

interface WeighedView {
  readonly view: CachedView
  readonly weight: number
}

function addWeights(sum: number, items: readonly ConversationItem[]): number {
  return items.reduce((total, item) => total + itemWeight + textLength(item), sum)
}

function textLength(item: ConversationItem): number {
  if (item.kind === 'tail') return item.text.length
  const { content, toolCalls, toolReturns } = item.message
  let length = 0
  for (const part of content) {
    if ('text' in part) length += part.text.length
    else if (part.type === 'image') length += JSON.stringify(part.source).length
    else length += part.data?.length ?? 0
  }
  for (const call of toolCalls) length += call.arguments.length
  for (const { text } of toolReturns) length += text.length
  return length
}
