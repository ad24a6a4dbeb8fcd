import { anyNews, type CommitNews, toOwnNews } from '../commit-news.ts'

/** How often another process's commits are looked for while somebody watches, in milliseconds. */
const pollInterval = 25

/** Where commits of other processes can be seen. */
export interface VersionSource {
  /** A number that changes when somebody else commits. */
  read(): number
  /** Lets go of what reading needs. */
  close(): void
}

/** Tells listeners about commits: at once about this process's, within a poll about those of others. */
export class CommitWatcher {
  readonly #source: VersionSource | null
  readonly #listeners = new Set<(news: CommitNews) => void>()
  #timer: NodeJS.Timeout | null = null
  #version: number | null = null

  /** `source` is null when no other process can reach the database. */
  constructor(source: VersionSource | null) {
    this.#source = source
  }

  /** Adds a listener; the returned function removes it. Does not keep the process alive. */
  watch(listener: (news: CommitNews) => void): () => void {
    const own = (news: CommitNews): void => listener(news)
    this.#listeners.add(own)
    this.#start()
    return () => {
      this.#listeners.delete(own)
      if (this.#listeners.size === 0) this.#stop()
    }
  }

  /** Tells all listeners of commits of this process, when there is something to tell. */
  notify(news: CommitNews | null): void {
    // Read before they are told: what is committed from now on is seen by the next poll.
    if (this.#timer !== null) this.#version = this.#read()
    if (news !== null) this.#tell(toOwnNews(news))
  }

  #tell(news: CommitNews): void {
    for (const listener of this.#listeners) listener(news)
  }

  /** Ends the watching. */
  close(): void {
    this.#listeners.clear()
    this.#stop()
    this.#source?.close()
  }

  #start(): void {
    if (this.#source === null || this.#timer !== null) return
    this.#version = this.#read()
    this.#timer = setInterval(() => {
      const version = this.#read()
      if (version !== null && version === this.#version) return
      this.#version = version
      this.#tell(anyNews)
    }, pollInterval)
    this.#timer.unref()
  }

  /** Null when it cannot be told: listeners are called then, look for themselves and meet what is wrong. */
  #read(): number | null {
    try {
      return this.#source?.read() ?? null
    } catch {
      return null
    }
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }
}
