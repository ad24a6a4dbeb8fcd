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
