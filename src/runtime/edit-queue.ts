/**
 * Lets edits of the same block in this process go one after the other, so that they do not take each other's
 * compare-and-swap; other processes and the API are still met by trying again.
 */
export class EditQueue {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Runs a task after all earlier ones of the same block; `waited` tells whether there were any. */
  async run<Result>(blockId: string, task: (waited: boolean) => Promise<Result>): Promise<Result> {
    const before = this.#last.get(blockId)
    const current = before === undefined ? task(false) : before.then(() => task(true))
    // Whoever comes next waits for the end of this task, not for its success.
    const settled = current.then(
      () => undefined,
      () => undefined,
    )
    this.#last.set(blockId, settled)
    try {
      return await current
    } finally {
      if (this.#last.get(blockId) === settled) this.#last.delete(blockId)
    }
  }
}
