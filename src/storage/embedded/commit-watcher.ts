/** How often another process's commits are looked for while somebody watches, in milliseconds. */
const pollInterval = 25

/** Tells listeners about commits: at once about this process's, within a poll about those of others. */
export class CommitWatcher {
  readonly #readVersion: (() => number) | null
  readonly #listeners = new Set<() => void>()
  #timer: NodeJS.Timeout | null = null
  #version = 0

  /** `readVersion` returns a number that another process's commit changes; null when there can be no other process. */
  constructor(readVersion: (() => number) | null) {
    this.#readVersion = readVersion
  }

  /** Adds a listener; the returned function removes it. Does not keep the process alive. */
  watch(listener: () => void): () => void {
    const own = (): void => listener()
    this.#listeners.add(own)
    this.#start()
    return () => {
      this.#listeners.delete(own)
      if (this.#listeners.size === 0) this.stop()
    }
  }

  /** Tells all listeners. */
  notify(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Ends the polling; nobody is told any more by it. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  #start(): void {
    const readVersion = this.#readVersion
    if (readVersion === null || this.#timer !== null) return
    this.#version = readVersion()
    this.#timer = setInterval(() => {
      const version = readVersion()
      if (version === this.#version) return
      this.#version = version
      this.notify()
    }, pollInterval)
    this.#timer.unref()
  }
}
