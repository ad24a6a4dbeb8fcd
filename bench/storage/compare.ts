import type { Reading, RecordedStatement, Replay } from './replay.ts'
import type { Samples } from './samples.ts'
import type { Measure } from './turn-operations.ts'

/** How often a read is made before it is timed. */
const warmUps = 2

/**
 * Times each operation and then the statements it had `recorded`, by the driver alone; those of a read also with objects
 * made of their rows.
 *
 * The first to read after a commit finds the processor's caches cold, the next find them warmer. The driver alone reads
 * twice for each read of the store, so both are warm only after a few: a read is made twice by all before it is timed.
 */
export function compareWith(
  replay: Replay,
  recorded: RecordedStatement[],
  samples: Samples,
): Measure {
  const readings: readonly Reading[] = ['rows', 'objects']
  return async (name, call, kind) => {
    await replay.run(recorded.splice(0), 'rows')
    for (let count = 0; kind === 'read' && count < warmUps; count += 1) {
      await call()
      const statements = recorded.splice(0)
      for (const reading of readings) await replay.run(statements, reading)
    }
    await replay.settle?.()
    const start = performance.now()
    const result = await call()
    samples.add('ours', name, performance.now() - start)
    const statements = recorded.splice(0)
    for (const reading of kind === 'read' ? readings : (['rows'] as const)) {
      await replay.settle?.()
      samples.add(reading, name, await replay.run(statements, reading))
    }
    return result
  }
}
