/** Which things were met within the last while. It holds no others, so it stays small however many there are. */
export class Recently {
  readonly #forMs: number
  /** When each was met, the one that was met first in front. */
  readonly #metAt = new Map<string, number>()

  /** A thing counts as met for `forMs` milliseconds. */
  constructor(forMs: number) {
    this.#forMs = forMs
  }

  /** How many things are held. */
  get size(): number {
    return this.#metAt.size
  }

  /** Whether a thing was not met within the while before `now`, in milliseconds; then it is met now. */
  meet(id: string, now: number): boolean {
    for (const [oldest, metAt] of this.#metAt) {
      const isRecent = metAt <= now && now - metAt < this.#forMs
      if (isRecent) break
      this.#metAt.delete(oldest)
    }
    if (this.#metAt.has(id)) return false
    this.#metAt.set(id, now)
    return true
  }
}
