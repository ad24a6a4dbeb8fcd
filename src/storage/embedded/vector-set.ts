import { BestSlots } from './best-slots.ts'

/** A vector of length 1 with what filters look at. */
export interface VectorEntry {
  /** The message or passage. */
  readonly id: string
  readonly role: string | null
  readonly conversationId: string | null
  readonly createdAt: number
  /** The bytes of the floats as they are stored. */
  readonly bytes: Uint8Array
}

/** Which entries of a set count. */
export interface EntryFilter {
  /** Null = any. */
  readonly roles: ReadonlySet<string> | null
  /** Null = any. */
  readonly conversationId: string | null
  /** Both inclusive, epoch milliseconds. */
  readonly from: number | null
  readonly until: number | null
  readonly excluded: ReadonlySet<string>
  /** Null = any. */
  readonly only: ReadonlySet<string> | null
}

/** One entry that was found. */
export interface Near {
  readonly id: string
  /** The product of the two vectors, which is their cosine. */
  readonly product: number
}

/** All vectors of one model in one agent's messages or archive, in memory; {@link keepsFloats} says in which form. */
export abstract class VectorSet {
  readonly dimension: number
  /** The change up to which the set is what is stored. */
  changed = 0
  protected readonly ids: string[] = []
  readonly #roles: (string | null)[] = []
  readonly #conversations: (string | null)[] = []
  readonly #times: number[] = []
  readonly #slots = new Map<string, number>()

  constructor(dimension: number) {
    this.dimension = dimension
  }

  /** Whether whole vectors are kept, or only the signs of their numbers. */
  abstract readonly keepsFloats: boolean

  /** About how much memory the set takes, in bytes. */
  abstract readonly size: number

  /** How many vectors there are. */
  get count(): number {
    return this.ids.length
  }

  /** Adds an entry, or replaces the one of the same item. */
  put(entry: VectorEntry): void {
    const present = this.#slots.get(entry.id)
    const slot = present ?? this.ids.length
    this.ids[slot] = entry.id
    this.#roles[slot] = entry.role
    this.#conversations[slot] = entry.conversationId
    this.#times[slot] = entry.createdAt
    this.#slots.set(entry.id, slot)
    this.keep(slot, entry.bytes, present !== undefined)
  }

  /** The mean product with a query. */
  abstract meanProduct(query: Float32Array): number

  protected abstract keep(slot: number, bytes: Uint8Array, isReplaced: boolean): void

  protected slotOf(id: string): number | undefined {
    return this.#slots.get(id)
  }

  protected idOf(slot: number): string {
    return this.ids[slot] ?? ''
  }

  protected passes(slot: number, filter: EntryFilter): boolean {
    const { roles, conversationId, from, until } = filter
    const time = this.#times[slot] ?? 0
    if ((from !== null && time < from) || (until !== null && time > until)) return false
    if (roles !== null && !roles.has(this.#roles[slot] ?? '')) return false
    if (conversationId !== null && this.#conversations[slot] !== conversationId) return false
    if (filter.excluded.size > 0 && filter.excluded.has(this.idOf(slot))) return false
    return filter.only === null || filter.only.has(this.idOf(slot))
  }

  /** Collects the best; the newer first among equals, then the one with the greater id. */
  protected collect(limit: number): BestSlots {
    return new BestSlots(Math.min(limit, this.count), (slot, other) => {
      const distance = (this.#times[slot] ?? 0) - (this.#times[other] ?? 0)
      return distance === 0 ? this.idOf(slot) > this.idOf(other) : distance > 0
    })
  }

  protected toNear(best: BestSlots): readonly Near[] {
    return best.toSorted().map(({ slot, score }) => ({ id: this.idOf(slot), product: score }))
  }
}

/** The product of a query and the vector that begins at a place of many. */
export function multiply(query: Float32Array, floats: Float32Array, start: number): number {
  const length = query.length
  const even = length - (length % 4)
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let index = 0; index < even; index += 4) {
    const place = start + index
    a += (query[index] ?? 0) * (floats[place] ?? 0)
    b += (query[index + 1] ?? 0) * (floats[place + 1] ?? 0)
    c += (query[index + 2] ?? 0) * (floats[place + 2] ?? 0)
    d += (query[index + 3] ?? 0) * (floats[place + 3] ?? 0)
  }
  for (let index = even; index < length; index += 1) {
    a += (query[index] ?? 0) * (floats[start + index] ?? 0)
  }
  return a + b + c + d
}

/** Bytes as the floats they are, wherever they lie. */
export function toFloats(bytes: Uint8Array): Float32Array {
  const floats = new Float32Array(bytes.byteLength / 4)
  new Uint8Array(floats.buffer).set(bytes)
  return floats
}
