/** Why a turn is to run, the most urgent first. */
const urgencies = ['asked', 'planned', 'offered'] as const

/**
 * Why a turn is to run: somebody asked for it; a schedule or another agent began it; or nobody asked this process for it,
 * as after a crash.
 */
export type Urgency = (typeof urgencies)[number]

/** Who wants the right to run turns, or has it. */
export interface TurnTaker {
  /** Why; {@link TurnSlots.raise} makes it more urgent. */
  urgency: Urgency
}

/** Which share of the places may be taken by turns of an urgency and the less urgent ones together. */
const shares: Readonly<Record<Urgency, number>> = { asked: 1, planned: 3 / 4, offered: 1 / 4 }

/** How many places in a row go to more urgent turns while a less urgent one waits, too. */
const mostInARow = 7

/**
 * The right to run a turn, of which a process has so many.
 *
 * The most urgent come first, and of one urgency those that came first. What nobody asked for leaves a quarter of the
 * places free, what was only offered three quarters, and each eighth that is given while both wait. So thousands of them
 * keep nobody waiting who asks, and they get on however much is asked.
 */
export class TurnSlots {
  readonly #waiting: Waiting[] = []
  readonly #holders = new Set<TurnTaker>()
  readonly #count: number
  /** How many places went to more urgent ones since those of an urgency had one, while they waited. */
  readonly #passedOver: Record<Urgency, number> = { asked: 0, planned: 0, offered: 0 }

  constructor(count: number) {
    this.#count = count
  }

  /** How many turns that are offered now would begin at once. */
  get roomForOffered(): number {
    const waiting = this.#waiting.filter(({ taker }) => taker.urgency === 'offered').length
    return Math.max(0, this.#roomFor('offered') - waiting)
  }

  /** Takes a place for a turn that would not wait for one, if it may have one now. */
  tryEnter(taker: TurnTaker): boolean {
    if (this.#roomFor(taker.urgency) === 0) return false
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

  /** Brings one forward, because there is a more urgent reason for it now. */
  raise(taker: TurnTaker, urgency: Urgency): void {
    if (rankOf(urgency) >= rankOf(taker.urgency)) return
    taker.urgency = urgency
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

  /** How many more of an urgency may have a place now. */
  #roomFor(urgency: Urgency): number {
    const rooms = urgencies.slice(0, rankOf(urgency) + 1).map((each) => {
      const most = Math.ceil(this.#count * shares[each])
      let taken = 0
      for (const holder of this.#holders) if (rankOf(holder.urgency) >= rankOf(each)) taken += 1
      return most - taken
    })
    return Math.max(0, Math.min(...rooms))
  }

  #give(): void {
    while (this.#waiting.length > 0) {
      const next = this.#takeNext()
      if (next === undefined) return
      this.#holders.add(next.taker)
      next.begin()
    }
  }

  /** Takes the one whose turn it is out of those that wait; undefined when none of them may have a place now. */
  #takeNext(): Waiting | undefined {
    const able = urgencies.filter((urgency) => this.#roomFor(urgency) > 0)
    const ready = able.flatMap((urgency) => {
      const index = this.#waiting.findIndex(({ taker }) => taker.urgency === urgency)
      return index < 0 ? [] : [{ urgency, index }]
    })
    const overdue = ready.findLast(({ urgency }) => this.#passedOver[urgency] >= mostInARow)
    const chosen = overdue ?? ready[0]
    if (chosen === undefined) return undefined
    for (const { urgency } of ready) {
      if (rankOf(urgency) > rankOf(chosen.urgency)) this.#passedOver[urgency] += 1
    }
    this.#passedOver[chosen.urgency] = 0
    return this.#waiting.splice(chosen.index, 1)[0]
  }
}

function rankOf(urgency: Urgency): number {
  return urgencies.indexOf(urgency)
}

interface Waiting {
  readonly taker: TurnTaker
  readonly begin: () => void
}
