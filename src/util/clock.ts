/**
 * The source of time for everything that stores, compares or waits for it.
 *
 * Production uses {@link systemClock}; tests and the simulation pass a fake one, so nothing below `app/` calls
 * `Date.now()` or `setTimeout` on its own.
 */
export interface Clock {
  /** The current time in whole milliseconds since the Unix epoch (UTC). Never throws. */
  now(): number
  /**
   * Resolves after `milliseconds`, or at once with a rejection of `signal.reason` when `signal` aborts first.
   * A pending sleep does not keep the process alive unless `keepAlive` is true. Default: false.
   */
  sleep(milliseconds: number, options?: SleepOptions): Promise<void>
}

/** How a {@link Clock.sleep} may be ended early, and whether it holds the process open. */
export interface SleepOptions {
  /** Ends the sleep with a rejection of `signal.reason`. */
  readonly signal?: AbortSignal
  /** Keeps the process running until the sleep ends. Default: false. */
  readonly keepAlive?: boolean
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, options = {}) =>
    new Promise((resolve, reject) => {
      const { signal } = options
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }, milliseconds)
      if (options.keepAlive !== true) timer.unref()
      function onAbort(): void {
        clearTimeout(timer)
        reject(signal?.reason as Error)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
    }),
}

/**
 * Sleeps until the time is over or the signal aborts, whichever comes first. Rejects only with what a clock rejects with
 * beside the signal's reason.
 */
export async function sleepUnlessAborted(
  clock: Clock,
  milliseconds: number,
  options: SleepOptions & { readonly signal: AbortSignal },
): Promise<void> {
  try {
    await clock.sleep(milliseconds, options)
  } catch (error) {
    if (!options.signal.aborted) throw error
  }
}
