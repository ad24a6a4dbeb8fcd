/** The texts of one thread that hold a term. */
export interface TermHits {
  /** Which of the terms that are looked for, from 0. */
  readonly term: number
  /** What the places are counted in. */
  readonly thread: string
  /** Where each text stands; neighbours have numbers that follow each other. */
  readonly places: readonly number[]
  /** Of each text, greater for what is newer; names it. */
  readonly numbers: readonly number[]
  /** Whether the texts may be chosen; others count as context only. */
  readonly isEligible: boolean
}

/** A text that was chosen. */
export interface ChosenText {
  readonly thread: string
  readonly place: number
  readonly number: number
}

/** How many terms are told apart; those after them, the commonest, count as one. */
export const mostMarks = 31

/** How far a text may stand from another and still count for it. */
const farthest = 2

/** Up to how many times as many keys as hits have a slot each; of more, some share one. */
const mostSpread = 8

/**
 * Which terms stand at which places of which threads. Places have keys that are numbered through all threads, so one table
 * holds them: with maps for each thread the choice took twice as long. A key's slot is the key itself where texts stand close
 * together, as they mostly do. Typed arrays would be a little faster, but they count as memory outside of the heap, for which V8
 * collected all of it every fifty searches.
 */
export class MarkedPlaces {
  readonly #marks: number[] = []
  readonly #numbers: number[] = []
  readonly #keys: number[] = []
  /** By slot: one more than the place that has it; 0 = free. */
  readonly #slots: number[] = []
  readonly #slotBits: number
  readonly #threads: readonly Thread[]
  readonly #threadOf: number[] = []

  constructor(hits: readonly TermHits[]) {
    const total = hits.reduce((sum, { places }) => sum + places.length, 0)
    const threads = toThreads(hits)
    this.#threads = [...threads.values()]
    const keys = countKeys(this.#threads)
    this.#slotBits = Math.ceil(Math.log2(keys > mostSpread * total ? 2 * total : keys))
    for (let slot = 0; slot < 2 ** this.#slotBits; slot += 1) this.#slots.push(0)
    for (const list of hits) this.#add(list, threads.get(list.thread))
  }

  /** How many places have a mark; they are numbered from 0. */
  get count(): number {
    return this.#keys.length
  }

  /** The terms at a place: a bit for each. */
  marksAt(place: number): number {
    return this.#marks[place] ?? 0
  }

  /** The terms so far from a place in its thread. */
  marksBeside(place: number, distance: number): number {
    const found = this.#slots[this.#slotOf((this.#keys[place] ?? 0) + distance)] ?? 0
    return found === 0 ? 0 : (this.#marks[found - 1] ?? 0)
  }

  /** The number of the text at a place; -1 when it may not be chosen. */
  numberAt(place: number): number {
    return this.#numbers[place] ?? -1
  }

  /** The text at a place. */
  textAt(place: number): ChosenText {
    const { name = '', shift = 0 } = this.#threads[this.#threadOf[place] ?? 0] ?? {}
    return {
      thread: name,
      place: (this.#keys[place] ?? 0) - shift,
      number: this.numberAt(place),
    }
  }

  #add({ term, places, numbers, isEligible }: TermHits, thread: Thread | undefined): void {
    const { index: threadIndex = 0, shift = 0 } = thread ?? {}
    const mark = 1 << Math.min(term, mostMarks - 1)
    for (let index = 0; index < places.length; index += 1) {
      const key = (places[index] ?? 0) + shift
      const slot = this.#slotOf(key)
      const found = this.#slots[slot] ?? 0
      if (found === 0) {
        this.#keys.push(key)
        this.#marks.push(mark)
        this.#threadOf.push(threadIndex)
        // All lists that a text is in agree on whether it may be chosen.
        this.#numbers.push(isEligible ? (numbers[index] ?? 0) : -1)
        this.#slots[slot] = this.#keys.length
      } else this.#marks[found - 1] = (this.#marks[found - 1] ?? 0) | mark
    }
  }

  /** The slot that a key has, or would have. */
  #slotOf(key: number): number {
    const last = this.#slots.length - 1
    let slot = (key + (key >>> this.#slotBits)) & last
    for (;;) {
      const found = this.#slots[slot] ?? 0
      if (found === 0 || this.#keys[found - 1] === key) return slot
      slot = (slot + 1) & last
    }
  }
}

/** A thread, and what its places are moved by to make keys. */
interface Thread {
  readonly name: string
  readonly index: number
  readonly first: number
  readonly last: number
  readonly shift: number
}

/** The threads one after another, so far apart that no text stands beside one of another thread. */
function toThreads(hits: readonly TermHits[]): ReadonlyMap<string, Thread> {
  const spans = new Map<string, { first: number; last: number }>()
  for (const { thread, places } of hits) {
    const span = spans.get(thread) ?? { first: Infinity, last: -Infinity }
    for (const place of places) {
      if (place < span.first) span.first = place
      if (place > span.last) span.last = place
    }
    spans.set(thread, span)
  }
  const threads = new Map<string, Thread>()
  let next = farthest
  for (const [name, { first, last }] of spans) {
    if (first > last) continue
    const shift = next - first
    threads.set(name, { name, index: threads.size, first, last, shift })
    next = last + shift + farthest + 1
  }
  return threads
}

/** How many keys there are for places and what stands around them; at least one. */
function countKeys(threads: readonly Thread[]): number {
  const end = threads.at(-1)
  return end === undefined ? 1 : end.last + end.shift + farthest + 1
}
