import type { RecordedStatement } from './raw-replay.ts'
import type { Samples } from './samples.ts'
import type { Measure } from './turn-operations.ts'

/** The driver alone, on a copy of the database. */
export interface Replay {
  /** Runs statements; gives how long that took, in milliseconds. */
  run(statements: readonly RecordedStatement[]): number | Promise<number>
}

/**
 * Times each operation and then the statements it had `recorded`, by the driver alone.
 *
 * The first to read after a commit finds the processor's caches cold, the second finds them warm. So a read is made once
 * by both before it is timed.
 */
export function compareWith(
  replay: Replay,
  recorded: RecordedStatement[],
  samples: Samples,
): Measure {
  return async (name, call, kind) => {
    await replay.run(recorded.splice(0))
    if (kind === 'read') {
      await call()
      await replay.run(recorded.splice(0))
    }
    const start = performance.now()
    const result = await call()
    samples.add('ours', name, performance.now() - start)
    samples.add('raw', name, await replay.run(recorded.splice(0)))
    return result
  }
}
