import type { FloatSet } from './float-set.ts'
import type { SignSet } from './sign-set.ts'

/** How much memory all sets together may take, in bytes; the one that was used last stays whatever its size. */
const mostBytes = 128 * 1024 * 1024

/** The sets of vectors that were searched last. */
export class VectorCache {
  /** In the order of their last use. */
  readonly #sets = new Map<string, FloatSet | SignSet>()

  /** The set of a key, if it is kept. */
  find(key: string): FloatSet | SignSet | undefined {
    return this.#sets.get(key)
  }

  /** Keeps a set that was just used, and gives up those that were not used for the longest. */
  keep(key: string, set: FloatSet | SignSet): void {
    this.#sets.delete(key)
    this.#sets.set(key, set)
    let total = 0
    for (const each of this.#sets.values()) total += each.size
    for (const [oldest, each] of this.#sets) {
      if (total <= mostBytes || oldest === key) return
      total -= each.size
      this.#sets.delete(oldest)
    }
  }

  /** Gives up every set. */
  clear(): void {
    this.#sets.clear()
  }

  /** Gives up the set of a key. */
  drop(key: string): void {
    this.#sets.delete(key)
  }
}
