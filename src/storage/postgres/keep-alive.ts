/** Longer than anything that is waited for; the timer itself does nothing. */
const period = 60_000

/**
 * Keeps the process running until `work` ends: connections that nobody uses do not, and whoever waits for an answer on
 * one of them has to be told it.
 */
export async function keepAlive<Result>(work: Promise<Result>): Promise<Result> {
  const timer = setInterval(() => undefined, period)
  try {
    return await work
  } finally {
    clearInterval(timer)
  }
}
