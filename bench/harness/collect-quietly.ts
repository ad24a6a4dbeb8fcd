import { setTimeout as sleep } from 'node:timers/promises'
import type { Processes } from './processes.ts'
import { watchProcessor } from './processor-share.ts'

/** What to measure, block by block. */
export interface QuietOptions<Sample> {
  /** How many blocks are wanted. */
  readonly blocks: number
  /** The programs that are measured; what they use is not noise. */
  readonly processes: Processes
  /** Measures one block; `attempt` counts all blocks from 0, those not kept too. */
  readonly measure: (attempt: number) => Promise<readonly Sample[]>
}

/** The samples of the blocks that were kept. */
export interface QuietSamples<Sample> {
  readonly samples: readonly Sample[]
  /** Blocks that were left out because other programs used much of the machine meanwhile. */
  readonly discarded: number
}

/** The share of all processors that other programs may use during a block that counts. */
const noiseLimit = 0.15

/** The most attempts for each block that is wanted; when they are used up, noisy ones count, too. */
export const attemptsPerBlock = 2

/** How long to wait after a noisy block, in milliseconds. */
const pauseMs = 300

/**
 * Measures blocks while the machine is ours. Whether a block counts depends only on what other programs did, never on
 * what was measured.
 */
export async function collectQuietly<Sample>(
  options: QuietOptions<Sample>,
): Promise<QuietSamples<Sample>> {
  const { blocks, processes, measure } = options
  const samples: Sample[] = []
  let [kept, discarded] = [0, 0]
  while (kept < blocks) {
    const mayDiscard = discarded < blocks * (attemptsPerBlock - 1)
    const watch = watchProcessor(processes)
    const block = await measure(kept + discarded)
    if (mayDiscard && (watch.shareOfOthers() ?? 0) > noiseLimit) {
      discarded += 1
      await sleep(pauseMs)
    } else {
      kept += 1
      samples.push(...block)
    }
  }
  return { samples, discarded }
}
