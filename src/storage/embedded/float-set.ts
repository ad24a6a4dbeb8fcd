import { multiply, VectorSet, type EntryFilter, type Near } from './vector-set.ts'

/** Whole vectors side by side: every one is compared. */
export class FloatSet extends VectorSet {
  readonly keepsFloats = true
  #floats: Float32Array
  #bytes: Uint8Array
  readonly #sum: Float64Array

  /** `expected` is how many vectors room is made for at once. */
  constructor(dimension: number, expected: number) {
    super(dimension)
    this.#floats = new Float32Array(dimension * Math.max(16, expected))
    this.#bytes = new Uint8Array(this.#floats.buffer)
    this.#sum = new Float64Array(dimension)
  }

  get size(): number {
    return this.#bytes.byteLength + this.count * entrySize
  }

  meanProduct(query: Float32Array): number {
    let product = 0
    for (let index = 0; index < query.length; index += 1) {
      product += (query[index] ?? 0) * (this.#sum[index] ?? 0)
    }
    return this.count === 0 ? 0 : product / this.count
  }

  /** The nearest among those that pass. */
  findNearest(query: Float32Array, filter: EntryFilter, limit: number): readonly Near[] {
    const best = this.collect(limit)
    for (let slot = 0; slot < this.count; slot += 1) {
      if (!this.passes(slot, filter)) continue
      best.offer(slot, multiply(query, this.#floats, slot * this.dimension))
    }
    return this.toNear(best)
  }

  protected keep(slot: number, bytes: Uint8Array, isReplaced: boolean): void {
    const start = slot * this.dimension
    if (start + this.dimension > this.#floats.length) this.#grow()
    if (isReplaced) this.#count(start, -1)
    this.#bytes.set(bytes, start * 4)
    this.#count(start, 1)
  }

  #count(start: number, factor: 1 | -1): void {
    for (let index = 0; index < this.dimension; index += 1) {
      const value = (this.#floats[start + index] ?? 0) * factor
      this.#sum[index] = (this.#sum[index] ?? 0) + value
    }
  }

  #grow(): void {
    const larger = new Float32Array(this.#floats.length * 2)
    larger.set(this.#floats)
    this.#floats = larger
    this.#bytes = new Uint8Array(larger.buffer)
  }
}

/** About how much memory an entry takes beside its vector, in bytes. */
export const entrySize = 200
