/** How long what is queued may hold the event loop before timers and sockets get their share, in milliseconds. */
const shareMs = 2

/**
 * Does what comes in one after the other, with all that follows from it at once, and lets timers and sockets have their
 * share every few milliseconds, however much comes. Keeps the process alive until it is empty.
 */
export class FairQueue {
  readonly #tasks: (() => void)[] = []
  readonly #now: () => number
  /** When this pass of the event loop came to the queue; null = it has not yet. */
  #passBegan: number | null = null

  /** `now` tells the time in milliseconds. Default: the machine's steady clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Does it in the next pass of the event loop in which there is time for it. It must not throw. */
  add(task: () => void): void {
    this.#tasks.push(task)
    this.#await()
  }

  /** One callback for each task, as what follows from it is done between two callbacks and not within one. */
  #await(): void {
    setImmediate(() => {
      if (this.#hasTime()) this.#tasks.shift()?.()
      else this.#await()
    })
  }

  #hasTime(): boolean {
    if (this.#passBegan !== null) return this.#now() - this.#passBegan < shareMs
    this.#passBegan = this.#now()
    setImmediate(() => {
      this.#passBegan = null
    })
    return true
  }
}
