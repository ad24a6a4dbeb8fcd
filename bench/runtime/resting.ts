import { setTimeout as sleep } from 'node:timers/promises'
import { sendJson, toServer } from '../harness/api.ts'
import type { Endpoint } from '../harness/endpoint.ts'
import { type LettaServer, startLettaServer } from '../harness/letta-server.ts'
import { residentMemory } from '../harness/process-figures.ts'
import { atMost, type Figure, toFigure } from '../harness/report.ts'
import type { BenchmarkContext } from '../harness/run-benchmark.ts'
import { storeOpenRuns } from './open-runs.ts'

/** How long a server is left alone before its memory is read, in milliseconds. */
const settlesMs = 4000

/** What runs that rest cost a server, and how soon open ones go on after a crash. */
export async function measureOpenRuns(
  context: BenchmarkContext,
  endpoint: Endpoint,
): Promise<readonly Figure[]> {
  const count = context.quick ? 500 : 10_000
  return [
    ...(await measureResting(context, endpoint, count)),
    ...(await measureRecovery(context, endpoint, count)),
  ]
}

async function start(
  context: BenchmarkContext,
  endpoint: Endpoint,
  home: string,
): Promise<LettaServer> {
  return await startLettaServer(context.processes, context.program, {
    home,
    endpoint: endpoint.url,
  })
}

async function measureResting(
  context: BenchmarkContext,
  endpoint: Endpoint,
  count: number,
): Promise<readonly Figure[]> {
  context.progress(`${count} runs that rest`)
  const resting = context.workspace.folder('resting')
  await storeOpenRuns(resting, { count, paused: true })
  const samples: number[] = []
  const idleSamples: number[] = []
  for (let round = 0; round < (context.quick ? 1 : 3); round += 1) {
    const full = await start(context, endpoint, resting)
    const empty = await start(context, endpoint, context.workspace.folder('empty'))
    await sleep(settlesMs)
    samples.push(residentMemory(full.pid))
    idleSamples.push(residentMemory(empty.pid))
    await full.stop()
    await empty.stop()
  }
  return [
    toFigure({
      name: `server with ${count} runs that rest: memory`,
      unit: 'MB',
      samples,
      baseline: { name: 'server with an empty folder', samples: idleSamples },
      targets: (ours, idle) => {
        const above = ours.median - (idle?.median ?? 0)
        return [{ text: `median ≤ baseline + 10 MB`, reached: above <= 10 }]
      },
    }),
  ]
}

async function measureRecovery(
  context: BenchmarkContext,
  endpoint: Endpoint,
  count: number,
): Promise<readonly Figure[]> {
  context.progress(`${count} runs that a crash left open`)
  const home = context.workspace.folder('crashed')
  await storeOpenRuns(home, { count, paused: false })
  const begun = performance.now()
  const server = await start(context, endpoint, home)
  const send = toServer(server.url)
  const active = async (): Promise<readonly unknown[]> => {
    const response = await send('/v1/runs/?statuses=running&limit=1', {})
    return (await response.json()) as readonly unknown[]
  }
  while ((await active()).length === 0) await sleep(5)
  const recoveredMs = performance.now() - begun
  const asked = performance.now()
  await sendJson(send, '/v1/agents/', { name: 'Newcomer' })
  const servedMs = performance.now() - asked
  await server.stop()
  return [
    toFigure({
      name: `server with ${count} open runs: from its start until it carries them on`,
      unit: 'ms',
      samples: [recoveredMs],
      targets: (ours) => [atMost('max', ours.max, { value: 2000, unit: 'ms' })],
    }),
    toFigure({ name: 'a request meanwhile', unit: 'ms', samples: [servedMs] }),
  ]
}
