import { runTurn } from '../harness/api.ts'
import { attemptsPerBlock, collectQuietly } from '../harness/collect-quietly.ts'
import { processorTime } from '../harness/process-figures.ts'
import { atMost, type Figure, toFigure } from '../harness/report.ts'
import { lessEach, medianOf } from '../harness/statistics.ts'
import { inParallel, type Measured, type TurnBench } from './turn-bench.ts'

/** A length of history, in messages, and how many turns one agent is measured for before another takes its place. */
interface Length {
  readonly messages: number
  readonly turnsEach: number
}

const lengths: readonly Length[] = [
  { messages: 10, turnsEach: 5 },
  { messages: 100, turnsEach: 10 },
  { messages: 1000, turnsEach: 100 },
]

/** Agents with histories of one length. */
interface Prepared {
  readonly length: Length
  readonly agents: readonly string[]
}

/** A turn and a direct call, in milliseconds. */
interface Pair {
  readonly turn: number
  readonly direct: number
}

/** What was measured at one length. */
interface Series {
  readonly length: Length
  readonly turns: readonly number[]
  readonly direct: readonly number[]
}

/** How many turns of each length make a block. */
const blockSize = 10

/** The overhead of a turn with short, middle and long histories. */
export async function measureGrowth(bench: TurnBench): Promise<Measured> {
  const { context, server } = bench
  const blocks = context.quick ? 2 : 20
  const prepared: Prepared[] = []
  for (const length of lengths) prepared.push(await prepare(bench, length, blocks))
  context.progress(`turns, ${blocks * blockSize} of each length`)
  const processorTimes: number[] = []
  const { samples, discarded } = await collectQuietly({
    blocks,
    processes: context.processes,
    measure: async (attempt) => {
      const before = processorTime(server.pid)
      const block = await measureBlock(bench, prepared, attempt)
      processorTimes.push((processorTime(server.pid) - before) / (blockSize * lengths.length))
      return block
    },
  })
  const series = prepared.map(({ length }, index) => ({
    length,
    turns: samples.map((pairs) => pairs[index]?.turn ?? NaN),
    direct: samples.map((pairs) => pairs[index]?.direct ?? NaN),
  }))
  const figures = [
    ...series.map(toTurnFigure),
    ...series.map(toOverheadFigure),
    toGrowthFigure(series),
    toFigure({
      name: 'processor time a turn, server with its database',
      unit: 'ms',
      samples: processorTimes,
      targets: (ours) => [atMost('median', ours.median, { value: 10, unit: 'ms' })],
    }),
  ]
  return { figures, discarded }
}

async function prepare(bench: TurnBench, length: Length, blocks: number): Promise<Prepared> {
  const turns = blocks * attemptsPerBlock * blockSize
  const count = Math.ceil(turns / length.turnsEach)
  bench.context.progress(`preparing ${count} agents with ${length.messages} messages`)
  const agents: string[] = []
  for (let index = 0; index < count; index += 1) agents.push(await bench.newAgent())
  await inParallel(agents, 4, async (agent) => {
    for (let turn = 0; turn < length.messages / 2; turn += 1) {
      await runTurn(bench.send, agent, `This is number ${turn} of what was said before.`)
    }
  })
  return { length, agents }
}

/** Turns of all lengths, one after the other, each followed by a direct call with the same body. */
async function measureBlock(
  bench: TurnBench,
  prepared: readonly Prepared[],
  attempt: number,
): Promise<readonly (readonly Pair[])[]> {
  const rounds: Pair[][] = []
  const bodies = new Map<Length, string>()
  for (let step = 0; step < blockSize; step += 1) {
    const round = attempt * blockSize + step
    const pairs: Pair[] = []
    for (const { length, agents } of prepared) {
      const agent = agents[Math.floor(round / length.turnsEach)] ?? ''
      const turn = await runTurn(bench.send, agent, `And what about number ${round}?`)
      const body = bodies.get(length) ?? (await bench.endpoint.seen()).body
      bodies.set(length, body)
      pairs.push({ turn, direct: (await bench.endpoint.call(body)).totalMs })
    }
    rounds.push(pairs)
  }
  return rounds
}

function toTurnFigure({ length, turns, direct }: Series): Figure {
  return toFigure({
    name: `turn, ${length.messages} messages`,
    unit: 'ms',
    samples: turns,
    baseline: { name: 'direct call', samples: direct },
  })
}

function toOverheadFigure({ length, turns, direct }: Series): Figure {
  return toFigure({
    name: `overhead of a turn, ${length.messages} messages`,
    unit: 'ms',
    samples: lessEach(turns, medianOf(direct)),
    targets: (ours) => [
      atMost('median', ours.median, { value: 8, unit: 'ms' }),
      atMost('p99', ours.p99, { value: 30, unit: 'ms' }),
    ],
  })
}

function toGrowthFigure(series: readonly Series[]): Figure {
  const medians = series.map(({ turns, direct }) => medianOf(turns) - medianOf(direct))
  const growth = (medians.at(-1) ?? NaN) / (medians[0] ?? NaN)
  return toFigure({
    name: 'overhead at 1000 messages against 10',
    unit: 'ratio',
    samples: [growth],
    targets: (ours) => [atMost('median', ours.median, { value: 1.5, unit: 'ratio' })],
  })
}
