import { type Clock, sleepUnlessAborted } from '../util/clock.ts'
import type { CommitNews } from './commit-news.ts'
import type { Store } from './store.ts'

/** Waits until something may have changed. */
export interface Lookout {
  /** Resolves after `milliseconds`, or soon after a commit that matters or a call of `wake`, or when it is over. */
  wait(milliseconds: number): Promise<void>
  /** Ends the waiting, now or when it begins next. */
  wake(): void
  /** Ends the watching. */
  close(): void
}

/** Watches a store; between two waits there is at least `restMs`, however much is committed. */
export function createLookout(options: {
  readonly store: Pick<Store, 'watch'>
  readonly clock: Clock
  readonly restMs: number
  readonly signal: AbortSignal
  /** Which commits of any process end a waiting. Default: all that are told of. */
  readonly matters?: (news: CommitNews) => boolean
}): Lookout {
  const { store, clock, restMs, signal, matters = () => true } = options
  let isAwake = false
  let awake: (() => void) | null = null
  const unwatch = store.watch((news) => {
    if (matters(news)) wake()
  })

  function wake(): void {
    isAwake = true
    awake?.()
  }

  return {
    async wait(milliseconds) {
      await pause(clock, Math.min(restMs, milliseconds), signal)
      if (!isAwake) {
        const woken = new AbortController()
        awake = () => woken.abort()
        await pause(clock, milliseconds - restMs, AbortSignal.any([signal, woken.signal]))
        awake = null
      }
      isAwake = false
    },
    wake,
    close: unwatch,
  }
}

async function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds > 0) await sleepUnlessAborted(clock, milliseconds, { signal })
}
