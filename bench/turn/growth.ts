import { runTurn } from '../harness/api.ts'
import { processorTime } from '../harness/process-figures.ts'
import { atMost, type Figure, toFigure } from '../harness/report.ts'
import { lessEach, medianOf } from '../harness/statistics.ts'
import { inParallel, type TurnBench } from './turn-bench.ts'

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

/** What was measured at one length. */
interface Series {
  readonly length: Length
  readonly turns: number[]
  readonly direct: number[]
  /** Agents with that much history. */
  readonly agents: readonly string[]
  /** What a turn of that length sends to the model. */
  body: string
}

/** The overhead of a turn with short, middle and long histories. */
export async function measureGrowth(bench: TurnBench): Promise<Figure[]> {
  const { context, server } = bench
  const samples = context.quick ? 20 : 200
  const series: Series[] = []
  for (const length of lengths) series.push(await prepare(bench, length, samples))
  context.progress(`turns, ${samples} of each length`)
  const processorBefore = processorTime(server.pid)
  for (let round = 0; round < samples; round += 1) {
    for (const one of series) await measureOnce(bench, one, round)
  }
  const processorMs = (processorTime(server.pid) - processorBefore) / (samples * series.length)
  return [
    ...series.map(toTurnFigure),
    ...series.map(toOverheadFigure),
    toGrowthFigure(series),
    toFigure({
      name: 'processor time a turn, server with its database',
      unit: 'ms',
      samples: [processorMs],
      targets: (ours) => [atMost('median', ours.median, { value: 10, unit: 'ms' })],
    }),
  ]
}

async function prepare(bench: TurnBench, length: Length, samples: number): Promise<Series> {
  const count = Math.ceil(samples / length.turnsEach)
  bench.context.progress(`preparing ${count} agents with ${length.messages} messages`)
  const agents: string[] = []
  for (let index = 0; index < count; index += 1) agents.push(await bench.newAgent())
  await inParallel(agents, 4, async (agent) => {
    for (let turn = 0; turn < length.messages / 2; turn += 1) {
      await runTurn(bench.send, agent, `This is number ${turn} of what was said before.`)
    }
  })
  return { length, agents, turns: [], direct: [], body: '' }
}

async function measureOnce(bench: TurnBench, series: Series, round: number): Promise<void> {
  const { length, agents, turns, direct } = series
  const agent = agents[Math.floor(round / length.turnsEach)] ?? ''
  turns.push(await runTurn(bench.send, agent, `And what about number ${round}?`))
  if (round % length.turnsEach === 0) series.body = (await bench.endpoint.seen()).body
  direct.push((await bench.endpoint.call(series.body)).totalMs)
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
