import { entrySize } from './float-set.ts'
import { multiply, toFloats, VectorSet, type EntryFilter, type Near } from './vector-set.ts'

/**
 * One bit for each number of a vector: whether it is above the mean of the set. How many bits two vectors share tells
 * well enough how near they are to choose those that are worth comparing.
 */
export class SignSet extends VectorSet {
  readonly keepsFloats = false
  readonly #words: number
  readonly #mean: Float32Array
  #bits: Uint32Array

  /** `expected` is how many vectors room is made for at once. */
  constructor(mean: Float32Array, expected: number) {
    super(mean.length)
    this.#mean = mean
    this.#words = Math.ceil(mean.length / 32)
    this.#bits = new Uint32Array(this.#words * Math.max(16, expected))
  }

  get size(): number {
    return this.#bits.byteLength + this.count * entrySize
  }

  meanProduct(query: Float32Array): number {
    return multiply(query, this.#mean, 0)
  }

  /** The items that share the most bits with a query, at least `count` of them if so many pass. */
  findLikely(query: Float32Array, filter: EntryFilter, count: number): readonly string[] {
    const wanted = new Uint32Array(this.#words)
    this.#write(wanted, 0, query)
    const distances = new Int32Array(this.count).fill(-1)
    const frequencies = new Int32Array(this.dimension + 1)
    for (let slot = 0; slot < this.count; slot += 1) {
      if (!this.passes(slot, filter)) continue
      const distance = this.#distance(wanted, slot * this.#words)
      distances[slot] = distance
      frequencies[distance] = (frequencies[distance] ?? 0) + 1
    }
    const furthest = findFurthest(frequencies, count)
    const likely: string[] = []
    distances.forEach((distance, slot) => {
      if (distance >= 0 && distance <= furthest) likely.push(this.idOf(slot))
    })
    return likely
  }

  /** The nearest among items of the set whose vectors are given. */
  compare(
    query: Float32Array,
    entries: Iterable<{ readonly id: string; readonly bytes: Uint8Array }>,
    limit: number,
  ): readonly Near[] {
    const best = this.collect(limit)
    for (const { id, bytes } of entries) {
      const slot = this.slotOf(id)
      if (slot !== undefined) best.offer(slot, multiply(query, toFloats(bytes), 0))
    }
    return this.toNear(best)
  }

  protected keep(slot: number, bytes: Uint8Array): void {
    const start = slot * this.#words
    if (start + this.#words > this.#bits.length) this.#grow()
    this.#write(this.#bits, start, toFloats(bytes))
  }

  #write(target: Uint32Array, start: number, vector: Float32Array): void {
    for (let word = 0; word < this.#words; word += 1) {
      let bits = 0
      const first = word * 32
      const last = Math.min(first + 32, this.dimension)
      for (let index = first; index < last; index += 1) {
        bits = (bits << 1) | ((vector[index] ?? 0) > (this.#mean[index] ?? 0) ? 1 : 0)
      }
      target[start + word] = bits
    }
  }

  #distance(wanted: Uint32Array, start: number): number {
    let distance = 0
    for (let word = 0; word < this.#words; word += 1) {
      distance += countBits((wanted[word] ?? 0) ^ (this.#bits[start + word] ?? 0))
    }
    return distance
  }

  #grow(): void {
    const larger = new Uint32Array(this.#bits.length * 2)
    larger.set(this.#bits)
    this.#bits = larger
  }
}

/** The distance within which there are at least `count`. */
function findFurthest(frequencies: Int32Array, count: number): number {
  let found = 0
  return frequencies.findIndex((frequency, distance) => {
    found += frequency
    return found >= count || distance === frequencies.length - 1
  })
}

function countBits(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
