// What one turn costs beside the model: time, processor time and tokens, over HTTP against the built server.
import { createAgent, toServer } from './harness/api.ts'
import { startEndpoint } from './harness/endpoint.ts'
import { type LettaServer, startLettaServer } from './harness/letta-server.ts'
import { residentMemory } from './harness/process-figures.ts'
import { atMost, type Figure, toFigure } from './harness/report.ts'
import { runBenchmark } from './harness/run-benchmark.ts'
import { measureGrowth } from './turn/growth.ts'
import { measureManyAgents } from './turn/many-agents.ts'
import { measureMemory } from './turn/memory.ts'
import { measurePrompt } from './turn/prompt.ts'
import { measureStreams } from './turn/streams.ts'
import { measureToolTurns } from './turn/tool-turns.ts'
import type { TurnBench } from './turn/turn-bench.ts'

/** On a machine with 1 GB, what remains is for its system, a cache of files and what a server may remember at most. In MB. */
const mostMemory = 400

const notes = [
  'Overhead of a turn = its time less the median time of direct calls to the endpoint with the same body, made by the same client, one after each turn. Every turn is accepted, answered and committed on disk (SQLite, FULL sync, worker threads).',
  'Turns of all lengths of history take turns, so that a busy moment meets each alike.',
  'Bars without a number in the issue come from what the original was measured at: it took 390 to 727 ms a turn, 135 to 309 ms to the first event, 590 to 1,293 ms a tool turn, and made 1.9 to 3.8 turns/s for 16 agents.',
  'Tokens are bytes of the request divided by 4.',
]

await runBenchmark({
  name: 'turn',
  async run(context) {
    const endpoint = await startEndpoint(context.processes)
    const home = context.workspace.folder('home')
    const { processes, program } = context
    const server = await startLettaServer(processes, program, { home, endpoint: endpoint.url })
    const bench = await warmUp({ context, endpoint, server, send: toServer(server.url) })
    const growth = await measureGrowth(bench)
    const streams = await measureStreams(bench)
    const tools = await measureToolTurns(bench)
    const figures = [
      ...[growth, streams, tools].flatMap((measured) => measured.figures),
      ...(await measureManyAgents(bench)),
      toMemoryFigure(server),
      ...(await measurePrompt(bench)),
    ]
    await server.stop()
    figures.push(...(await measureMemory(context, endpoint)))
    const discarded = growth.discarded + streams.discarded + tools.discarded
    return { figures, checks: [], notes: [...notes, describeDiscarded(discarded)] }
  },
})

function describeDiscarded(blocks: number): string {
  return `${blocks} blocks of 10 turns were left out because other programs used more than 15 % of the machine meanwhile.`
}

/** Lets the server compile what it runs often, as any server has after its first minutes. */
async function warmUp(bench: Omit<TurnBench, 'newAgent'>): Promise<TurnBench> {
  const { context, send } = bench
  let count = 0
  const ready: TurnBench = {
    ...bench,
    newAgent: () => createAgent(send, `Bench ${(count += 1)}`),
  }
  context.progress('warming up')
  await measureGrowth({ ...ready, context: { ...context, quick: true } })
  return ready
}

function toMemoryFigure(server: LettaServer): Figure {
  return toFigure({
    name: 'server memory after all turns',
    unit: 'MB',
    samples: [residentMemory(server.pid)],
    targets: (ours) => [atMost('max', ours.max, { value: mostMemory, unit: 'MB' })],
  })
}
