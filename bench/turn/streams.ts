import { streamTurn, type StreamedTurn } from '../harness/api.ts'
import type { DirectCall } from '../harness/endpoint.ts'
import { atMost, type Figure, toFigure } from '../harness/report.ts'
import type { Summary } from '../harness/statistics.ts'
import type { TurnBench } from './turn-bench.ts'

/** How soon a streamed turn shows something, against a stream straight from the endpoint. */
export async function measureStreams(bench: TurnBench): Promise<Figure[]> {
  const rounds = bench.context.quick ? 10 : 100
  const turnsEach = 20
  const streamed: StreamedTurn[] = []
  const direct: DirectCall[] = []
  bench.context.progress(`streams, ${rounds}`)
  let agent = ''
  for (let round = 0; round < rounds; round += 1) {
    if (round % turnsEach === 0) agent = await bench.newAgent()
    const path = `/v1/agents/${agent}/messages/stream`
    streamed.push(await streamTurn(bench.send, path, { text: 'WORDS 20' }))
    direct.push(await bench.endpoint.call((await bench.endpoint.seen()).body))
  }
  const first = direct.map(({ firstMs }) => firstMs)
  const total = direct.map(({ totalMs }) => totalMs)
  const within = (limit: number) => (ours: Summary) => [
    atMost('median', ours.median, { value: limit, unit: 'ms' }),
  ]
  return [
    toFigure({
      name: 'stream: first event',
      unit: 'ms',
      samples: streamed.map(({ firstEventMs }) => firstEventMs),
      baseline: { name: 'direct stream', samples: first },
      targets: within(10),
    }),
    toFigure({
      name: 'stream: first text',
      unit: 'ms',
      samples: streamed.map(({ firstTextMs }) => firstTextMs),
      baseline: { name: 'direct stream', samples: first },
      targets: within(15),
    }),
    toFigure({
      name: 'stream: whole turn of 20 words',
      unit: 'ms',
      samples: streamed.map(({ totalMs }) => totalMs),
      baseline: { name: 'direct stream', samples: total },
    }),
  ]
}
