const firstMs = 1000
const longestMs = 10 * 60_000

/** How long to wait after so many attempts, in milliseconds: one second, then twice as long each time, up to 10 minutes. */
export function backoff(attempts: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.max(0, attempts - 1))
}
