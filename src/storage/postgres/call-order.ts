/**
 * Lets calls about one thing run one after the other, in the order they were made. The database would make them wait
 * for each other anyway, but in an order of its own and each on a connection.
 */
export class CallOrder {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Runs `action` once all earlier ones with the same key have ended; null waits for nothing. */
  async run<Result>(key: string | null, action: () => Promise<Result>): Promise<Result> {
    if (key === null) return await action()
    const before = this.#last.get(key)
    const own = before === undefined ? action() : before.then(action)
    const ended = own.then(
      () => undefined,
      () => undefined,
    )
    this.#last.set(key, ended)
    try {
      return await own
    } finally {
      if (this.#last.get(key) === ended) this.#last.delete(key)
    }
  }
}

/** The conversation that the input of a write names, if any. */
export function conversationOf(input: unknown): string | null {
  if (typeof input !== 'object' || input === null) return null
  if ('lease' in input) return conversationOf(input.lease)
  if (!('conversationId' in input)) return null
  return typeof input.conversationId === 'string' ? input.conversationId : null
}
