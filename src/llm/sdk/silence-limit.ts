import type { Clock } from '../../util/clock.ts'

/** Ends a call whose provider says nothing for too long. */
export interface SilenceLimit {
  /** Aborts when the limit is exceeded, when whoever asked for the call leaves, and at the end of it. */
  readonly signal: AbortSignal
  readonly isExceeded: boolean
  /** Waits for something of the provider; only time spent in here counts. */
  during<Value>(promise: PromiseLike<Value>): Promise<Value>
  /** Stops measuring and aborts whatever still runs. */
  end(): void
}

/** Makes a limit that begins to count with the first {@link SilenceLimit.during}. */
export function createSilenceLimit(input: {
  readonly clock: Clock
  readonly limitMs: number
  /** Of whoever asked for the call. */
  readonly asker: AbortSignal
}): SilenceLimit {
  const { clock, limitMs, asker } = input
  const call = new AbortController()
  const leave = (): void => call.abort(asker.reason)
  if (asker.aborted) leave()
  else asker.addEventListener('abort', leave, { once: true })
  let waitingSince: number | null = null
  let isExceeded = false
  let isWatching = false

  /** One sleep serves many waits: after each it looks how long the present one has lasted. */
  async function watch(): Promise<void> {
    isWatching = true
    let rest = limitMs
    while (rest > 0) {
      await clock.sleep(rest, { signal: call.signal })
      rest = waitingSince === null ? limitMs : waitingSince + limitMs - clock.now()
    }
    isExceeded = true
    call.abort(new DOMException('The provider stayed silent for too long.', 'TimeoutError'))
  }

  return {
    signal: call.signal,
    get isExceeded() {
      return isExceeded
    },
    async during(promise) {
      waitingSince = clock.now()
      // The watch ends by the abort of its own signal, which is what its rejection says.
      if (!isWatching) void watch().catch(() => undefined)
      try {
        return await promise
      } finally {
        waitingSince = null
      }
    },
    end() {
      asker.removeEventListener('abort', leave)
      // Every call ends with this, and an error would take the stack along.
      call.abort('the call has ended')
    },
  }
}
