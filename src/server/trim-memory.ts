import { type EventEmitter, once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { IdleOptions } from './watch-idle.ts'

/** How soon after its start a server that nobody speaks to gives back what only the start needed, in milliseconds. */
const settledMs = 1_000

/**
 * How long nobody must have spoken to a server before it gives back what its work needed, in milliseconds, each more than the one
 * before: garbage at once, and later what was remembered of conversations, which is given up after ten minutes (`ItemCache`).
 */
const silences = [60_000, 660_000]

/** Whose memory, and when. */
export interface TrimOptions {
  /** Emits `request`. */
  readonly server: EventEmitter
  /** Resolves once the server was idle for a while; see `watchIdle`. */
  readonly untilIdle: (options: IdleOptions) => Promise<void>
  /** Ends it. */
  readonly signal: AbortSignal
  /** Gives the memory back. Default: {@link releaseMemory}. */
  readonly release?: () => Promise<void>
}

/**
 * Gives unused memory back to the system whenever a server has fallen silent: shortly after its start, a minute after its last
 * request, and once more ten minutes later. The engine does so only under pressure, and keeps several times of what an idle server needs.
 *
 * Rejects with the reason of `signal`.
 */
export async function trimWhenIdle(options: TrimOptions): Promise<void> {
  const { untilIdle, signal, release = releaseMemory } = options
  await untilIdle({ forMs: settledMs, signal })
  await release()
  await Promise.all(silences.map((forMs) => trimAfter(options, forMs)))
}

async function trimAfter(options: TrimOptions, forMs: number): Promise<never> {
  const { server, untilIdle, signal, release = releaseMemory } = options
  for (;;) {
    await once(server, 'request', { signal })
    await untilIdle({ forMs, signal })
    await release()
  }
}

/** Collects everything the engine can do without for now; takes 30 to 100 ms. */
export async function releaseMemory(): Promise<void> {
  // The only way to ask for it in a process that was not started for it; the flag is needed while the context is made.
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collect !== 'function') return
  await collect({ type: 'major', execution: 'async', flavor: 'last-resort' })
}
