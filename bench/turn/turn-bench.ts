import type { SendRequest } from '../harness/api.ts'
import type { Endpoint } from '../harness/endpoint.ts'
import type { Figure } from '../harness/report.ts'
import type { LettaServer } from '../harness/letta-server.ts'
import type { BenchmarkContext } from '../harness/run-benchmark.ts'

/** What the parts of this benchmark share. */
export interface TurnBench {
  readonly context: BenchmarkContext
  readonly endpoint: Endpoint
  readonly server: LettaServer
  readonly send: SendRequest
  /** Creates an agent and returns its id. */
  newAgent(): Promise<string>
}

/** Figures, and how many blocks of turns were too noisy to count. */
export interface Measured {
  readonly figures: readonly Figure[]
  readonly discarded: number
}

/** Does something for each item, at most `width` at once. */
export async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items]
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}
