import type { PeerWatch } from './peer-watch.ts'

/** The most operations in one commit: other processes wait for the lock meanwhile. */
export const largestBatch = 256

/** The shortest and longest wait for a lock that is taken, in milliseconds. */
const shortestDelay = 0.3
const longestDelay = 1

/** The least time without the lock between two commits while another process may want it, in milliseconds. */
const leastPause = 1

/**
 * How long to wait before asking for a taken lock again. Varied, so that two processes do not keep meeting.
 *
 * SQLite's own way of waiting backs off ever longer and starves the more polite process.
 */
export function retryDelay(): number {
  return shortestDelay + Math.random() * (longestDelay - shortestDelay)
}

/** How long to leave the lock to others before the next commit, in milliseconds; 0 when there are none. */
export function writePause(lastCommit: number, peers: PeerWatch | null): number {
  if (peers === null) return 0
  const now = performance.now()
  const since = now - lastCommit
  return since < leastPause && peers.hasPeers(now) ? leastPause - since : 0
}

/** How many times as long as the last commit took the next one waits for more to share it, at most. */
const longestGathering = 2

/** The longest wait for more, in milliseconds, however long a commit took. */
const mostGatheringMs = 5

/**
 * How long commits wait for more to share them. Most of what a commit costs is the pages it writes, and those of several
 * conversations are mostly the same: two in one take a fifth less of the processor, four a third.
 *
 * Only where calls do come together: a conversation that is alone waits for nobody.
 */
export class GatheringPace {
  #share = 0
  #commitMs = 0
  #lastCommit = Number.NEGATIVE_INFINITY

  /** How long the next commit should wait, in milliseconds of the steady clock that `now` comes from. */
  pause(now: number): number {
    const gathering = Math.min(mostGatheringMs, this.#share * this.#commitMs)
    return Math.max(0, this.#lastCommit + gathering - now)
  }

  /** Learns from a commit: how many calls have shared it, when it began and when it was done. */
  note(calls: number, { from, until }: { readonly from: number; readonly until: number }): void {
    if (calls > 1) this.#share = longestGathering
    else this.#share = this.#share > longestGathering / 4 ? this.#share / 2 : 0
    this.#commitMs = until - from
    this.#lastCommit = until
  }
}
