/** Who wants the right to run turns, or has it. */
export interface TurnTaker {
  /** Whether nobody in this process waits for its turns. {@link TurnSlots.ask} ends that. */
  isOffered: boolean
}

/** How many places in a row go to turns that somebody asked for while others wait, too. */
const askedInARow = 7

/**
 * The right to run a turn, of which a process has so many.
 *
 * Those that somebody asked for come first, in the order in which they came; those that are offered, as after a crash,
 * have at most a quarter of the places, and each eighth that is given while both wait. So thousands of them keep nobody
 * waiting, and they get on however much is asked.
 */
export class TurnSlots {
  readonly #waiting: Waiting[] = []
  readonly #holders = new Set<TurnTaker>()
  readonly #count: number
  readonly #mostOffered: number
  #givenToAsked = 0

  constructor(count: number) {
    this.#count = count
    this.#mostOffered = Math.ceil(count / 4)
  }

  /** How many turns that are offered now would begin at once. */
  get roomForOffered(): number {
    const waiting = this.#waiting.filter(({ taker }) => taker.isOffered).length
    return Math.max(0, Math.min(this.#free, this.#mostOffered - this.#offeredHolders) - waiting)
  }

  /** Takes a place for a turn that somebody asked for, if one is free. */
  tryEnter(taker: TurnTaker): boolean {
    if (this.#free === 0) return false
    this.#holders.add(taker)
    return true
  }

  /** Resolves with a place taken. */
  async enter(taker: TurnTaker): Promise<void> {
    await new Promise<void>((begin) => {
      this.#waiting.push({ taker, begin })
      this.#give()
    })
  }

  /** Brings one that was offered forward, because somebody asks for it now. */
  ask(taker: TurnTaker): void {
    if (!taker.isOffered) return
    taker.isOffered = false
    this.#give()
  }

  /** Gives a place back. */
  leave(taker: TurnTaker): void {
    this.#holders.delete(taker)
    this.#give()
  }

  /** Gives a place back for the time of a wait. */
  async without(taker: TurnTaker, wait: () => Promise<void>): Promise<void> {
    this.leave(taker)
    try {
      await wait()
    } finally {
      await this.enter(taker)
    }
  }

  get #free(): number {
    return this.#count - this.#holders.size
  }

  get #offeredHolders(): number {
    let count = 0
    for (const { isOffered } of this.#holders) if (isOffered) count += 1
    return count
  }

  #give(): void {
    while (this.#free > 0 && this.#waiting.length > 0) {
      const next = this.#takeNext()
      if (next === undefined) return
      this.#holders.add(next.taker)
      next.begin()
    }
  }

  /** Takes the one whose turn it is out of those that wait; undefined when none of them may have a place now. */
  #takeNext(): Waiting | undefined {
    const asked = this.#waiting.findIndex(({ taker }) => !taker.isOffered)
    const offered =
      this.#offeredHolders < this.#mostOffered
        ? this.#waiting.findIndex(({ taker }) => taker.isOffered)
        : -1
    const isForOffered = offered >= 0 && (asked < 0 || this.#givenToAsked >= askedInARow)
    if (isForOffered) this.#givenToAsked = 0
    else if (offered >= 0) this.#givenToAsked += 1
    const index = isForOffered ? offered : asked
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0]
  }
}

interface Waiting {
  readonly taker: TurnTaker
  readonly begin: () => void
}
