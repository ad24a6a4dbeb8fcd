import { setTimeout as sleep } from 'node:timers/promises'

const periodMs = 5

/** Notices how late the machine wakes a process that does nothing: what no program on it can be faster than. */
export interface LatenessProbe {
  /** Ends the looking and returns how late each wake-up was, in milliseconds. */
  stop(): Promise<readonly number[]>
}

/** Starts to look every few milliseconds, in this process. */
export function startLatenessProbe(): LatenessProbe {
  const late: number[] = []
  let isOver = false
  const looking = (async () => {
    while (!isOver) {
      const begun = performance.now()
      await sleep(periodMs)
      late.push(Math.max(0, performance.now() - begun - periodMs))
    }
  })()
  return {
    async stop() {
      isOver = true
      await looking
      return late
    },
  }
}
