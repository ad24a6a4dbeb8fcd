import { startLettaServer, type LettaServer } from '../harness/letta-server.ts'
import { processorTime } from '../harness/process-figures.ts'
import type { BenchmarkContext } from '../harness/run-benchmark.ts'

/** What all servers of one database share. */
export interface ClusterOptions {
  readonly context: BenchmarkContext
  readonly databaseUrl: string
  readonly endpoint: string
  /** How many turns each server carries on at once. */
  readonly concurrentTurns: number
}

/** Several servers on one PostgreSQL database. */
export interface Cluster {
  readonly servers: readonly LettaServer[]
  /** Processor time all servers have used so far, in milliseconds. */
  processorMs(): number
  /** Ends one without warning. */
  kill(index: number): Promise<void>
  /** Ends all that still run, politely. */
  stop(): Promise<void>
}

/** Starts some servers, each with a data folder of its own and one key for secrets. */
export async function startCluster(count: number, options: ClusterOptions): Promise<Cluster> {
  const { context, databaseUrl, endpoint, concurrentTurns } = options
  const { processes, workspace } = context
  const variables = {
    DATABASE_URL: databaseUrl,
    LETTA_CONCURRENT_TURNS: String(concurrentTurns),
    LETTA_SECRET_KEY: '0'.repeat(64),
  }
  const program: BenchmarkContext['program'] = {
    ...context.program,
    letta: (parameters, run) => {
      const command = context.program.letta(parameters, run)
      return { ...command, environment: { ...command.environment, ...variables } }
    },
  }
  const servers: LettaServer[] = []
  for (let index = 0; index < count; index += 1) {
    const home = workspace.folder(`home-${count}-${index}`)
    servers.push(await startLettaServer(processes, program, { home, endpoint }))
  }
  const dead = new Set<number>()
  return {
    servers,
    processorMs: () =>
      servers.reduce(
        (sum, server, index) => sum + (dead.has(index) ? 0 : processorTime(server.pid)),
        0,
      ),
    async kill(index) {
      dead.add(index)
      await servers[index]?.stop('SIGKILL')
    },
    async stop() {
      for (const [index, server] of servers.entries()) if (!dead.has(index)) await server.stop()
    },
  }
}
