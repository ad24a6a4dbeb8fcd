import { systemScope } from '../domain/scope.ts'
import { isAppError } from '../errors/app-error.ts'
import type { PendingStop } from '../storage/contract/waiting-store.ts'
import type { RuntimeParts } from './runtime-parts.ts'

/** How many requests are looked at in one go. */
const requestLimit = 1000

/** How long commits gather before they are looked through again, in milliseconds. */
const lookAgainMs = 25

/**
 * Tells this process what others have asked its runs to do: after a commit by anybody that may have asked for it, while
 * anything runs here, it reads the requests to stop, which are few and soon gone.
 */
export class StopWatch {
  readonly #parts: Pick<RuntimeParts, 'store' | 'clock' | 'logger'>
  readonly #onStop: (stop: PendingStop) => void
  #holders = 0
  #unwatch: (() => void) | null = null
  #looking = false
  #again = false

  /** `onStop` is called for every request that is open, also for those of other processes and more than once. */
  constructor(
    parts: Pick<RuntimeParts, 'store' | 'clock' | 'logger'>,
    onStop: (stop: PendingStop) => void,
  ) {
    this.#parts = parts
    this.#onStop = onStop
  }

  /** Watches until the returned function is called. */
  hold(): () => void {
    this.#holders += 1
    this.#unwatch ??= this.#parts.store.watch((news) => {
      if (news.stops) this.#notice()
    })
    return () => {
      this.#holders -= 1
      if (this.#holders > 0) return
      this.#unwatch?.()
      this.#unwatch = null
    }
  }

  #notice(): void {
    this.#again = true
    if (!this.#looking) void this.#lookUntilQuiet()
  }

  async #lookUntilQuiet(): Promise<void> {
    this.#looking = true
    while (this.#again && this.#holders > 0) {
      this.#again = false
      await this.#look()
      await this.#parts.clock.sleep(lookAgainMs)
    }
    this.#looking = false
  }

  async #look(): Promise<void> {
    const { store, logger } = this.#parts
    try {
      const stops = await store.listStopRequests(systemScope, { limit: requestLimit })
      if (this.#holders > 0) for (const stop of stops) this.#onStop(stop)
    } catch (error) {
      // What was asked stays stored: the next commit shows it, and so does the next round of the run.
      if (!isAppError(error, 'storage_closed')) {
        logger.warn({ err: error }, 'Cannot look for requests to stop')
      }
    }
  }
}
