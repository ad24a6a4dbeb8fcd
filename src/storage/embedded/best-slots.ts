/** Keeps the best few of many numbered candidates, of which each is offered once. */
export class BestSlots {
  readonly #limit: number
  readonly #scores: Float64Array
  readonly #slots: Int32Array
  readonly #precedes: (slot: number, other: number) => boolean
  #size = 0

  /** `precedes` says which of two equally good candidates comes first. */
  constructor(limit: number, precedes: (slot: number, other: number) => boolean) {
    this.#limit = limit
    this.#scores = new Float64Array(limit)
    this.#slots = new Int32Array(limit)
    this.#precedes = precedes
  }

  /** Considers a candidate. */
  offer(slot: number, score: number): void {
    if (this.#size < this.#limit) {
      this.#size += 1
      this.#rise(this.#size - 1, slot, score)
    } else if (this.#limit > 0 && score >= (this.#scores[0] ?? 0)) {
      if (this.#isWorse(0, slot, score)) this.#sink(slot, score)
    }
  }

  /** The best, in order. */
  toSorted(): readonly { readonly slot: number; readonly score: number }[] {
    return Array.from({ length: this.#size }, (_, index) => ({
      slot: this.#slots[index] ?? 0,
      score: this.#scores[index] ?? 0,
    })).toSorted((a, b) => b.score - a.score || (this.#precedes(a.slot, b.slot) ? -1 : 1))
  }

  /** Whether the entry at a place of the heap, whose root is the worst, is worse than a candidate. */
  #isWorse(place: number, slot: number, score: number): boolean {
    const present = this.#scores[place] ?? 0
    return present < score || (present === score && this.#precedes(slot, this.#slots[place] ?? 0))
  }

  #set(place: number, slot: number, score: number): void {
    this.#slots[place] = slot
    this.#scores[place] = score
  }

  #rise(from: number, slot: number, score: number): void {
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (this.#isWorse(parent, slot, score)) break
      this.#set(place, this.#slots[parent] ?? 0, this.#scores[parent] ?? 0)
      place = parent
    }
    this.#set(place, slot, score)
  }

  #sink(slot: number, score: number): void {
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= this.#size) break
      const next = child + 1
      if (
        next < this.#size &&
        this.#isWorse(next, this.#slots[child] ?? 0, this.#scores[child] ?? 0)
      ) {
        child = next
      }
      if (!this.#isWorse(child, slot, score)) break
      this.#set(place, this.#slots[child] ?? 0, this.#scores[child] ?? 0)
      place = child
    }
    this.#set(place, slot, score)
  }
}
