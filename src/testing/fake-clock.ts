import type { Clock, SleepOptions } from '../util/clock.ts'

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /**
   * Moves the time forward and ends, in order, every sleep that falls due on the way, letting the program run
   * between two of them; so a sleep that begins because another ended is served too.
   */
  advance(milliseconds: number): Promise<void>
  /** How many sleeps are waiting. */
  readonly sleeping: number
  /** The length in milliseconds of every sleep that was asked for, in order. */
  readonly sleeps: readonly number[]
}

/** How a {@link FakeClock} behaves. */
export interface FakeClockOptions {
  /** The time it begins at, in epoch milliseconds. Default: 22 November 2026, 12:00 UTC. */
  readonly start?: number
  /** Whether a sleep moves the time forward by itself and ends at once. Default: false. */
  readonly automatic?: boolean
  /**
   * Waits until the program has nothing to do but sleep; the time moves only then. Default: one turn of the event
   * loop, enough for a program whose store answers at once.
   */
  readonly settled?: () => Promise<void>
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** Makes a {@link FakeClock}. */
export function createFakeClock(options: FakeClockOptions = {}): FakeClock {
  let time = options.start ?? Date.UTC(2026, 10, 22, 12)
  const settled = options.settled ?? nextTurn
  const sleepers = new Set<Sleeper>()
  const sleeps: number[] = []

  function sleep(milliseconds: number, { signal }: SleepOptions = {}): Promise<void> {
    sleeps.push(milliseconds)
    if (signal?.aborted) return Promise.reject(signal.reason as Error)
    if (options.automatic === true) {
      time += milliseconds
      return nextTurn()
    }
    return new Promise((resolve, reject) => {
      const sleeper: Sleeper = { at: time + Math.max(0, milliseconds), wake }
      sleepers.add(sleeper)
      signal?.addEventListener('abort', onAbort, { once: true })
      function wake(): void {
        sleepers.delete(sleeper)
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      function onAbort(): void {
        sleepers.delete(sleeper)
        reject(signal?.reason as Error)
      }
    })
  }

  async function advance(milliseconds: number): Promise<void> {
    const target = time + milliseconds
    await settled()
    for (;;) {
      const due = [...sleepers].filter((sleeper) => sleeper.at <= target)
      const next = due.toSorted((left, right) => left.at - right.at)[0]
      if (next === undefined) break
      time = Math.max(time, next.at)
      next.wake()
      await settled()
    }
    time = target
  }

  return {
    now: () => time,
    sleep,
    advance,
    get sleeping() {
      return sleepers.size
    },
    sleeps,
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
