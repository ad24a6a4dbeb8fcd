// How soon a run has ended that is cancelled through another process than the one that runs it, beside the same one.
import { openEmbedded } from '../src/index.ts'
import { createTestDatabase, hasPostgres, preparePostgres } from '../test/setup/postgres-server.ts'
import { createAgent, sendJson, type SendRequest, streamTurn, toServer } from './harness/api.ts'
import { startEndpoint } from './harness/endpoint.ts'
import { startLettaServer } from './harness/letta-server.ts'
import { type Figure, toFigure } from './harness/report.ts'
import { type BenchmarkContext, runBenchmark } from './harness/run-benchmark.ts'
import { startCluster } from './servers/serve.ts'

/** Longer than anything here takes: the model never answers by itself. */
const modelMs = 120_000

await runBenchmark({
  name: 'cancel',
  async run(context) {
    const endpoint = await startEndpoint(context.processes, { replyDelayMs: modelMs })
    const figures = [await measureSqlite(context, endpoint.url)]
    const notes = [
      'From the request to cancel until the stream of the run has ended: model call given up, end stored, read by its reader. Every other run is cancelled through the other process: a second server on PostgreSQL, on SQLite one that opens the data folder as a command does.',
    ]
    if (hasPostgres()) figures.push(await measurePostgres(context, endpoint.url))
    else notes.push('PostgreSQL was not measured: none is here. Run `npm run fetch:postgres` once.')
    return { figures, checks: [], notes }
  },
})

/** One server may serve a data folder; the other process opens it as a command does. */
async function measureSqlite(context: BenchmarkContext, endpoint: string): Promise<Figure> {
  const { processes, program, workspace } = context
  const home = workspace.folder('home')
  const runner = await startLettaServer(processes, program, { home, endpoint })
  const product = await openEmbedded({ home })
  const other: SendRequest = (path, init) =>
    product.fetch(new Request(`http://in-process${path}`, init))
  const figure = await measure(context, 'SQLite', { runner: toServer(runner.url), other })
  await product.close()
  await runner.stop()
  return figure
}

async function measurePostgres(context: BenchmarkContext, endpoint: string): Promise<Figure> {
  const stop = await preparePostgres(context.workspace.folder('postgres-home'))
  try {
    await using database = await createTestDatabase()
    const options = { context, databaseUrl: database.url, endpoint, concurrentTurns: 8 }
    const cluster = await startCluster(2, options)
    const [runner = '', other = ''] = cluster.servers.map(({ url }) => url)
    const both = { runner: toServer(runner), other: toServer(other) }
    const figure = await measure(context, 'PostgreSQL', both)
    await cluster.stop()
    return figure
  } finally {
    await stop()
  }
}

async function measure(
  context: BenchmarkContext,
  engine: string,
  { runner, other }: { readonly runner: SendRequest; readonly other: SendRequest },
): Promise<Figure> {
  context.progress(engine)
  const agentId = await createAgent(runner, 'Cancelled')
  const [elsewhere, here]: [number[], number[]] = [[], []]
  for (let count = 0; count < (context.quick ? 10 : 50); count += 1) {
    here.push(await cancelOnce({ agentId, runner, through: runner }))
    elsewhere.push(await cancelOnce({ agentId, runner, through: other }))
  }
  return toFigure({
    name: `cancel through another process, ${engine}`,
    unit: 'ms',
    samples: elsewhere,
    baseline: { name: 'the same server', samples: here },
    targets: ({ median }) => [{ text: 'median ≤ 100 ms', reached: median <= 100 }],
  })
}

async function cancelOnce(turn: {
  readonly agentId: string
  readonly runner: SendRequest
  readonly through: SendRequest
}): Promise<number> {
  const { agentId, runner, through } = turn
  const accepted = Promise.withResolvers<string>()
  const stream = streamTurn(runner, `/v1/agents/${agentId}/messages`, {
    text: 'A long story.',
    onAccepted: accepted.resolve,
  })
  const runId = await accepted.promise
  await new Promise((resolve) => setTimeout(resolve, 150))
  const begun = performance.now()
  const cancelling = sendJson(through, `/v1/agents/${agentId}/messages/cancel`, {
    run_ids: [runId],
  })
  const { stopReason } = await stream
  const milliseconds = performance.now() - begun
  await cancelling
  if (stopReason !== 'cancelled') throw new Error(`the run ended with ${stopReason}`)
  return milliseconds
}
