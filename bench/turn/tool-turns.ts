import { runTurn } from '../harness/api.ts'
import { atMost, type Figure, toFigure } from '../harness/report.ts'
import type { TurnBench } from './turn-bench.ts'

/** A turn in which the model edits memory once: two model calls and one core_memory_append. */
export async function measureToolTurns(bench: TurnBench): Promise<Figure[]> {
  const rounds = bench.context.quick ? 10 : 100
  const turnsEach = 10
  const turns: number[] = []
  const direct: number[] = []
  bench.context.progress(`tool turns, ${rounds}`)
  let agent = ''
  for (let round = 0; round < rounds; round += 1) {
    if (round % turnsEach === 0) agent = await bench.newAgent()
    const before = await bench.endpoint.seen()
    turns.push(await runTurn(bench.send, agent, `REMEMBER fact number ${round}`))
    const { body, count } = await bench.endpoint.seen()
    if (count !== before.count + 2) throw new Error('the tool turn did not call the model twice')
    const [one, two] = [await bench.endpoint.call(body), await bench.endpoint.call(body)]
    direct.push(one.totalMs + two.totalMs)
  }
  return [
    toFigure({
      name: 'tool turn (core_memory_append)',
      unit: 'ms',
      samples: turns,
      baseline: { name: '2 direct calls', samples: direct },
      targets: (ours) => [atMost('median', ours.median, { value: 35, unit: 'ms' })],
    }),
  ]
}
