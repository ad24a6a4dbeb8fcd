import { runTurn } from '../harness/api.ts'
import { processorTime } from '../harness/process-figures.ts'
import { atMost, type Figure, toFigure } from '../harness/report.ts'
import type { TurnBench } from './turn-bench.ts'

const agentCount = 16

/** Sixteen agents that talk at the same time, each in a loop. */
export async function measureManyAgents(bench: TurnBench): Promise<Figure[]> {
  const { context, server, send } = bench
  const seconds = context.quick ? 3 : 20
  context.progress(`${agentCount} agents at once, ${seconds} s`)
  const agents: string[] = []
  for (let index = 0; index < agentCount; index += 1) agents.push(await bench.newAgent())
  const times: number[] = []
  const processorBefore = processorTime(server.pid)
  const begun = performance.now()
  const end = begun + seconds * 1000
  await Promise.all(
    agents.map(async (agent) => {
      while (performance.now() < end) times.push(await runTurn(send, agent, 'Hello there.'))
    }),
  )
  const rate = (times.length * 1000) / (performance.now() - begun)
  const processorMs = (processorTime(server.pid) - processorBefore) / times.length
  return [
    toFigure({
      name: `${agentCount} agents at once: throughput`,
      unit: 'turns/s',
      samples: [rate],
      targets: () => [{ text: '≥ 100 turns/s', reached: rate >= 100 }],
    }),
    toFigure({
      name: `${agentCount} agents at once: turn`,
      unit: 'ms',
      samples: times,
      targets: (ours) => [atMost('p99', ours.p99, { value: 300, unit: 'ms' })],
    }),
    toFigure({
      name: `${agentCount} agents at once: processor time a turn`,
      unit: 'ms',
      samples: [processorMs],
    }),
  ]
}
