import { ItemMemory } from '../context/item-memory.ts'
import type { ConversationItem } from '../domain/conversation.ts'
import type { ConversationWithAgent } from '../storage/contract/conversation-store.ts'
import type { Clock } from '../util/clock.ts'
import { GrowingFold } from '../util/growing-fold.ts'
import { weigh } from '../util/weigh.ts'

/** How much all views together may take with what is worked out from them, in bytes. */
const usualMost = 64 * 1024 * 1024

/** Beside itself an item is kept as the message it is sent as, twice, and its texts once more as the JSON of a request. */
const timesItem = 2

/** How an {@link ItemCache} is made. */
export interface ItemCacheOptions {
  readonly clock: Pick<Clock, 'now'>
  /** How long a view is remembered that no turn asks for, in milliseconds. */
  readonly idleMs: number
  /** How much all views together may take, in bytes. Default: 64 MiB. */
  readonly mostBytes?: number
}

/**
 * The views of the conversations this process ran last, so that a turn reads only what is new.
 *
 * Items are immutable and only the holder of the lease adds any. A view is good for the lease it was read under and
 * for the next one, when nobody else had it in between: the store decides that by the fence.
 *
 * What all of them take is bounded in bytes, agents with their blocks and prompts included, and given up when it is not used.
 */
export class ItemCache {
  readonly #clock: Pick<Clock, 'now'>
  readonly #idleMs: number
  readonly #mostBytes: number
  /** In the order in which they were put. */
  readonly #entries = new Map<string, WeighedView>()
  readonly #weights = new GrowingFold<ConversationItem, number>()
  #bytes = 0
  /** What was worked out from the items, for as long as they are remembered by anybody. */
  readonly memory = new ItemMemory()

  constructor({ clock, idleMs, mostBytes = usualMost }: ItemCacheOptions) {
    this.#clock = clock
    this.#idleMs = idleMs
    this.#mostBytes = mostBytes
  }

  /** How much all views together take, in bytes; an estimate that is rather too high. */
  get bytes(): number {
    return this.#bytes
  }

  /** What was remembered of a conversation's view, or null. */
  get(conversationId: string): CachedView | null {
    return this.#entries.get(conversationId)?.view ?? null
  }

  /** Remembers the whole view as the runner now knows it, unless it alone takes a quarter of what there is room for. */
  put(conversationId: string, view: CachedView): void {
    this.forget(conversationId)
    this.forgetIdle()
    const items = this.#weights.fold(view.items, { start: 0, add: addWeights })
    const bytes = weigh(conversationId) + items + weighPlace(view.place)
    if (bytes > this.#mostBytes / 4) return
    this.#entries.set(conversationId, { view, bytes, putAt: this.#clock.now() })
    this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#mostBytes) break
      this.forget(oldest)
    }
  }

  /** Drops what is known of a conversation. */
  forget(conversationId: string): void {
    const entry = this.#entries.get(conversationId)
    if (entry === undefined) return
    this.#bytes -= entry.bytes
    this.#entries.delete(conversationId)
  }

  /** Drops the views that no turn has asked for in a while. */
  forgetIdle(): void {
    const now = this.#clock.now()
    for (const [id, { putAt }] of this.#entries) {
      const isFresh = putAt <= now && now - putAt < this.#idleMs
      if (isFresh) return
      this.forget(id)
    }
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
  readonly bytes: number
  /** In epoch milliseconds. */
  readonly putAt: number
}

/** The names in the lists of what was shown are identifiers and no two alike, unlike those of fields. */
function weighPlace(place: ConversationWithAgent): number {
  const { shown = {}, shownFacts = {} } = place.conversation.prefix ?? {}
  return weigh(place) + weigh(Object.keys(shown)) + weigh(Object.keys(shownFacts))
}

function addWeights(sum: number, items: readonly ConversationItem[]): number {
  return items.reduce((total, item) => total + timesItem * weigh(item), sum)
}
