/**
 * Does what comes in one after the other, each in a pass of the event loop of its own, so that timers and sockets get
 * their share in between however much comes at once. Keeps the process alive until it is empty.
 */
export class FairQueue {
  readonly #tasks: (() => void)[] = []
  #isPassing = false

  /** Does it at once when nothing was done in this pass of the event loop, else when it is its turn. It must not throw. */
  add(task: () => void): void {
    if (this.#isPassing) this.#tasks.push(task)
    else this.#begin(task)
  }

  #begin(task: () => void): void {
    this.#isPassing = true
    setImmediate(() => {
      this.#isPassing = false
      const next = this.#tasks.shift()
      if (next !== undefined) this.#begin(next)
    })
    task()
  }
}
