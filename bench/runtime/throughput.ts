import { join } from 'node:path'
import { createAgent, runTurn, toServer } from '../harness/api.ts'
import type { Endpoint } from '../harness/endpoint.ts'
import { startLettaServer } from '../harness/letta-server.ts'
import { processorTime } from '../harness/process-figures.ts'
import { atMost, type Figure, toFigure } from '../harness/report.ts'
import type { BenchmarkContext } from '../harness/run-benchmark.ts'

/** How many conversations talk at once, and the least turns per second they should make. */
const loads = [
  { conversations: 1, least: null },
  { conversations: 16, least: 150 },
  { conversations: 64, least: null },
]

/** Turns per second with more and more conversations, and how long the event loop lets others wait meanwhile. */
export async function measureThroughput(
  context: BenchmarkContext,
  endpoint: Endpoint,
): Promise<readonly Figure[]> {
  const seconds = context.quick ? 3 : 15
  const lags: Lag[] = []
  const server = await startLettaServer(context.processes, context.program, {
    home: context.workspace.folder('home'),
    endpoint: endpoint.url,
    preload: join(import.meta.dirname, 'event-loop-lag.cjs'),
    onLine: (line) => {
      if (line.startsWith('{"type":"lag"')) lags.push(JSON.parse(line) as Lag)
    },
  })
  const send = toServer(server.url)
  async function askForLag(): Promise<Lag> {
    const known = lags.length
    process.kill(server.pid, 'SIGUSR2')
    for (let tries = 0; tries < 400 && lags.length === known; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const lag = lags[known]
    if (lag === undefined) throw new Error('the server does not tell its lag')
    return lag
  }
  const figures: Figure[] = []
  for (const { conversations, least } of loads) {
    context.progress(`${conversations} conversations at once, ${seconds} s`)
    const agents: string[] = []
    for (let index = 0; index < conversations; index += 1) {
      agents.push(await createAgent(send, `Conversation ${index}`))
    }
    // Each talks once before it counts, so that compiling and first prompts are not what is measured.
    await Promise.all(agents.map((agent) => runTurn(send, agent, 'Hello there.')))
    await askForLag()
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
    const lag = await askForLag()
    const name = `${conversations} conversations`
    figures.push(
      toFigure({
        name: `${name}: throughput`,
        unit: 'turns/s',
        samples: [rate],
        targets: () =>
          least === null ? [] : [{ text: `≥ ${least} turns/s`, reached: rate >= least }],
      }),
      toFigure({ name: `${name}: turn`, unit: 'ms', samples: times }),
      toFigure({ name: `${name}: processor time a turn`, unit: 'ms', samples: [processorMs] }),
      toFigure({
        name: `${name}: event loop lag, p99`,
        unit: 'ms',
        samples: [lag.p99],
        targets: (ours) =>
          conversations === 16 ? [atMost('max', ours.max, { value: 20, unit: 'ms' })] : [],
      }),
    )
  }
  await server.stop()
  return figures
}

interface Lag {
  readonly p50: number
  readonly p99: number
  readonly max: number
}
