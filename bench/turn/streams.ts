import { streamTurn, type StreamedTurn } from '../harness/api.ts'
import { collectQuietly } from '../harness/collect-quietly.ts'
import type { DirectCall } from '../harness/endpoint.ts'
import { atMost, toFigure } from '../harness/report.ts'
import type { Summary } from '../harness/statistics.ts'
import type { Measured, TurnBench } from './turn-bench.ts'

/** How many turns make a block, all with one new agent. */
const blockSize = 10

/** How soon a streamed turn shows something, against a stream straight from the endpoint. */
export async function measureStreams(bench: TurnBench): Promise<Measured> {
  const { context, send, endpoint } = bench
  const blocks = context.quick ? 1 : 10
  context.progress(`streams, ${blocks * blockSize}`)
  const { samples, discarded } = await collectQuietly({
    blocks,
    processes: context.processes,
    measure: async () => {
      const path = `/v1/agents/${await bench.newAgent()}/messages/stream`
      const block: { readonly ours: StreamedTurn; readonly direct: DirectCall }[] = []
      for (let turn = 0; turn < blockSize; turn += 1) {
        const ours = await streamTurn(send, path, { text: 'WORDS 20' })
        block.push({ ours, direct: await endpoint.call((await endpoint.seen()).body) })
      }
      return block
    },
  })
  const streamed = samples.map(({ ours }) => ours)
  const direct = samples.map((sample) => sample.direct)
  const first = direct.map(({ firstMs }) => firstMs)
  const total = direct.map(({ totalMs }) => totalMs)
  const within = (limit: number) => (ours: Summary) => [
    atMost('median', ours.median, { value: limit, unit: 'ms' }),
  ]
  const figures = [
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
  return { figures, discarded }
}
