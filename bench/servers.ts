// Several servers on one PostgreSQL database: what a second process adds, and that none runs what another one has.
import { createTestDatabase, hasPostgres, preparePostgres } from '../test/setup/postgres-server.ts'
import { createAgent, toServer } from './harness/api.ts'
import { startEndpoint } from './harness/endpoint.ts'
import { type Check, type Figure, toFigure } from './harness/report.ts'
import { type BenchmarkContext, runBenchmark } from './harness/run-benchmark.ts'
import { checkEventLog } from './servers/one-runner.ts'
import { type ClusterOptions, startCluster } from './servers/serve.ts'
import { type LoadResult, putLoad } from './servers/talk.ts'

const conversations = 64
/** The model's own time, in milliseconds, and how many turns each process carries on: two cores are not what is measured. */
const limited = { modelMs: 100, concurrentTurns: 2 }

await runBenchmark({
  name: 'servers',
  async run(context) {
    if (!hasPostgres()) {
      throw new Error('Cannot measure: no PostgreSQL is here. Run `npm run fetch:postgres` once.')
    }
    const stopPostgres = await preparePostgres(context.workspace.folder('postgres-home'))
    try {
      return await measure(context)
    } finally {
      await stopPostgres()
    }
  },
})

async function measure(context: BenchmarkContext) {
  const seconds = context.quick ? 4 : 15
  const slow = await startEndpoint(context.processes, { replyDelayMs: limited.modelMs })
  const fast = await startEndpoint(context.processes)
  const checks: Check[] = []
  async function load(
    count: number,
    options: Omit<ClusterOptions, 'context' | 'databaseUrl'>,
    killAfter?: number,
  ): Promise<LoadResult> {
    context.progress(`${count} servers, ${options.concurrentTurns} turns each at once`)
    await using database = await createTestDatabase()
    const cluster = await startCluster(count, { ...options, context, databaseUrl: database.url })
    const send = toServer(cluster.servers[0]?.url ?? '')
    const agentIds: string[] = []
    for (let index = 0; index < conversations; index += 1) {
      agentIds.push(await createAgent(send, `Conversation ${index}`))
    }
    const result = await putLoad(cluster, {
      agentIds,
      seconds,
      ...(killAfter === undefined ? {} : { killAfter }),
    })
    await cluster.stop()
    const found = await checkEventLog(database.url)
    checks.push(...found.map((check) => ({ ...check, name: `${count} servers: ${check.name}` })))
    return result
  }
  const atLimit = { endpoint: slow.url, concurrentTurns: limited.concurrentTurns }
  const one = await load(1, atLimit)
  const two = await load(2, atLimit)
  const four = await load(4, atLimit, 0.5)
  const saturated = await load(2, { endpoint: fast.url, concurrentTurns: 64 })
  return {
    figures: toFigures({ one, two, four, saturated }),
    checks,
    notes: [
      `${conversations} conversations talk at once; the model takes ${limited.modelMs} ms, each process carries on ${limited.concurrentTurns} turns at once. So the limit is what one process may do, not the two cores.`,
      `Of the four servers one was killed without warning in the middle; ${four.repeated} messages were sent again to another server with the same otid.`,
      'Saturated: two servers, an endpoint that answers at once, 64 turns each; PostgreSQL and the clients are on the same cores.',
    ],
  }
}

function toFigures(
  results: Readonly<Record<'one' | 'two' | 'four' | 'saturated', LoadResult>>,
): Figure[] {
  const { one, two, four, saturated } = results
  const ratio = two.turnsPerSecond / one.turnsPerSecond
  const rate = (name: string, result: LoadResult): Figure =>
    toFigure({ name: `${name}: throughput`, unit: 'turns/s', samples: [result.turnsPerSecond] })
  const turn = (name: string, result: LoadResult): Figure =>
    toFigure({ name: `${name}: turn`, unit: 'ms', samples: result.turnMs })
  return [
    rate('one server', one),
    rate('two servers', two),
    rate('four servers, one killed', four),
    toFigure({
      name: 'two servers against one',
      unit: 'ratio',
      samples: [ratio],
      targets: () => [{ text: '≥ 1.6×', reached: ratio >= 1.6 }],
    }),
    turn('one server', one),
    turn('two servers', two),
    turn('four servers, one killed', four),
    rate('saturated', saturated),
    toFigure({
      name: 'saturated: processor time a turn',
      unit: 'ms',
      samples: [saturated.processorMsPerTurn],
    }),
  ]
}
