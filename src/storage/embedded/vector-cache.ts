import type { FloatSet } from './float-set.ts'
import type { SignSet } from './sign-set.ts'

/** How much memory all sets together may take, in bytes; the one that was used last stays whatever its size. */
const mostBytes = 128 * 1024 * 1024

/** After how long without a search a set is given up, in milliseconds. */
const idleMs = 10 * 60_000

interface KeptSet {
  readonly set: FloatSet | SignSet
  /** A monotonic time in milliseconds. */
  readonly usedAt: number
}

/** The sets of vectors that were searched last; none is kept for long that nobody searches. */
export class VectorCache {
  /** In the order of their last use. */
  readonly #sets = new Map<string, KeptSet>()
  #timer: NodeJS.Timeout | null = null

  /** The set of a key, if it is kept. */
  find(key: string): FloatSet | SignSet | undefined {
    return this.#sets.get(key)?.set
  }

  /** Keeps a set that was just used, and gives up those that were not used for the longest. */
  keep(key: string, set: FloatSet | SignSet): void {
    this.#sets.delete(key)
    this.#sets.set(key, { set, usedAt: performance.now() })
    this.#timer ??= setInterval(() => this.#dropIdle(), idleMs / 2).unref()
    let total = 0
    for (const each of this.#sets.values()) total += each.set.size
    for (const [oldest, each] of this.#sets) {
      if (total <= mostBytes || oldest === key) return
      total -= each.set.size
      this.#sets.delete(oldest)
    }
  }

  /** Gives up every set. */
  clear(): void {
    this.#sets.clear()
    this.#stopWhenEmpty()
  }

  /** Gives up the set of a key. */
  drop(key: string): void {
    this.#sets.delete(key)
    this.#stopWhenEmpty()
  }

  #dropIdle(): void {
    const now = performance.now()
    for (const [key, { usedAt }] of this.#sets) {
      if (now - usedAt < idleMs) break
      this.#sets.delete(key)
    }
    this.#stopWhenEmpty()
  }

  #stopWhenEmpty(): void {
    if (this.#sets.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }
}
