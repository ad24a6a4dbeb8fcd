/** The right to run a turn, of which a process has so many: first come, first served. */
export class TurnSlots {
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(count: number) {
    this.#free = count
  }

  /** How many nobody has; 0 while somebody waits for one. */
  get free(): number {
    return this.#free
  }

  /** Takes one if it is free. */
  tryEnter(): boolean {
    if (this.#free === 0) return false
    this.#free -= 1
    return true
  }

  /** Resolves with one of them taken. */
  async enter(): Promise<void> {
    if (!this.tryEnter()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Gives one back. */
  leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free += 1
    else next()
  }

  /** Gives one back for the time of a wait. */
  async without(wait: () => Promise<void>): Promise<void> {
    this.leave()
    try {
      await wait()
    } finally {
      await this.enter()
    }
  }
}
