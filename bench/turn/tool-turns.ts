import { runTurn } from '../harness/api.ts'
import { collectQuietly } from '../harness/collect-quietly.ts'
import { atMost, toFigure } from '../harness/report.ts'
import type { Measured, TurnBench } from './turn-bench.ts'

/** How many turns make a block, all with one new agent. */
const blockSize = 10

/** A tool turn and two direct calls, in milliseconds. */
interface ToolTurn {
  readonly turn: number
  readonly direct: number
}

/** A turn in which the model edits memory once: two model calls and one core_memory_append. */
export async function measureToolTurns(bench: TurnBench): Promise<Measured> {
  const { context } = bench
  const blocks = context.quick ? 1 : 10
  context.progress(`tool turns, ${blocks * blockSize}`)
  const { samples, discarded } = await collectQuietly({
    blocks,
    processes: context.processes,
    measure: () => measureBlock(bench),
  })
  const figure = toFigure({
    name: 'tool turn (core_memory_append)',
    unit: 'ms',
    samples: samples.map(({ turn }) => turn),
    baseline: { name: '2 direct calls', samples: samples.map(({ direct }) => direct) },
    targets: (ours) => [atMost('median', ours.median, { value: 35, unit: 'ms' })],
  })
  return { figures: [figure], discarded }
}

async function measureBlock({ send, endpoint, newAgent }: TurnBench): Promise<ToolTurn[]> {
  const agent = await newAgent()
  const block: ToolTurn[] = []
  for (let round = 0; round < blockSize; round += 1) {
    const before = await endpoint.seen()
    const turn = await runTurn(send, agent, `REMEMBER fact number ${round}`)
    const { body, count } = await endpoint.seen()
    if (count !== before.count + 2) throw new Error('the tool turn did not call the model twice')
    const [one, two] = [await endpoint.call(body), await endpoint.call(body)]
    block.push({ turn, direct: one.totalMs + two.totalMs })
  }
  return block
}
