import { anyNews, type CommitNews, toOwnNews } from '../commit-news.ts'
import type { ForeignCommits } from './foreign-commits.ts'

/** How often another process's commits are looked for while somebody watches, in milliseconds. */
const pollInterval = 25

/** Tells listeners about commits: at once about this process's, within a poll about those of others. */
export class CommitWatcher {
  readonly #foreign: ForeignCommits | null
  readonly #listeners = new Set<(news: CommitNews) => void>()
  #timer: NodeJS.Timeout | null = null
  #isLooking = false

  /** `foreign` is null when no other process can reach the database. */
  constructor(foreign: ForeignCommits | null) {
    this.#foreign = foreign
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
    if (news !== null) this.#tell(toOwnNews(news))
  }

  #tell(news: CommitNews): void {
    for (const listener of this.#listeners) listener(news)
  }

  /** Ends the watching. */
  close(): void {
    this.#listeners.clear()
    this.#stop()
    this.#foreign?.close()
  }

  #start(): void {
    if (this.#foreign === null || this.#timer !== null) return
    const foreign = this.#foreign
    foreign.mark()
    this.#timer = setInterval(() => {
      if (!this.#isLooking) void this.#look(foreign)
    }, pollInterval)
    this.#timer.unref()
  }

  /** Never rejects. */
  async #look(foreign: ForeignCommits): Promise<void> {
    this.#isLooking = true
    if (await foreign.haveCome()) this.#tell(anyNews)
    this.#isLooking = false
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }
}
