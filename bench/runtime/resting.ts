import { cpSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAgent, runTurn, type SendRequest, toServer } from '../harness/api.ts'
import type { Endpoint } from '../harness/endpoint.ts'
import { type LettaServer, startLettaServer } from '../harness/letta-server.ts'
import { residentMemory } from '../harness/process-figures.ts'
import { atMost, type Figure, toFigure } from '../harness/report.ts'
import type { BenchmarkContext } from '../harness/run-benchmark.ts'
import { pauseOpenRuns, storeOpenRuns } from './open-runs.ts'

/** How long a server is left alone before its memory is read, in milliseconds. */
const settlesMs = 4000

/** How long a server may take to carry open runs on before the measuring gives up, in milliseconds. */
const recoveryLimitMs = 60_000

/** What a server is measured with that finds many runs. */
interface ManyRuns {
  readonly context: BenchmarkContext
  readonly endpoint: Endpoint
  /** A data folder with runs that were accepted and not begun. It is copied, never opened. */
  readonly home: string
  readonly count: number
}

/** What runs that rest cost a server, and how soon open ones go on after a crash. */
export async function measureOpenRuns(
  context: BenchmarkContext,
  endpoint: Endpoint,
): Promise<readonly Figure[]> {
  const count = context.quick ? 500 : 10_000
  context.progress(`storing ${count} open runs`)
  const home = context.workspace.folder('open')
  await storeOpenRuns(home, count)
  const runs = { context, endpoint, home, count }
  return [...(await measureRecovery(runs)), ...(await measureResting(runs))]
}

function copy({ context, home }: ManyRuns, name: string): string {
  const folder = context.workspace.folder(name)
  cpSync(home, folder, { recursive: true })
  return folder
}

async function start({ context, endpoint }: ManyRuns, home: string): Promise<LettaServer> {
  const options = { home, endpoint: endpoint.url }
  return await startLettaServer(context.processes, context.program, options)
}

async function measureResting(runs: ManyRuns): Promise<readonly Figure[]> {
  const { context, count } = runs
  context.progress(`${count} runs that rest`)
  const resting = copy(runs, 'resting')
  await pauseOpenRuns(resting)
  const samples: number[] = []
  const idleSamples: number[] = []
  for (let round = 0; round < (context.quick ? 1 : 3); round += 1) {
    const full = await start(runs, resting)
    const empty = await start(runs, context.workspace.folder('empty'))
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

async function measureRecovery(runs: ManyRuns): Promise<readonly Figure[]> {
  const { context, count } = runs
  context.progress(`${count} runs that a crash left open`)
  const recovered: number[] = []
  const served: number[] = []
  const answered: number[] = []
  const idle: number[] = []
  for (let round = 0; round < (context.quick ? 1 : 3); round += 1) {
    const empty = await start(runs, context.workspace.folder('empty'))
    idle.push(empty.readyMs)
    await empty.stop()
    const crashed = copy(runs, 'crashed')
    const begun = performance.now()
    const server = await start(runs, crashed)
    const send = toServer(server.url)
    await untilCarriedOn(send)
    recovered.push(performance.now() - begun)
    const asked = performance.now()
    const newcomer = await createAgent(send, 'Newcomer')
    served.push(performance.now() - asked)
    answered.push(await runTurn(send, newcomer, 'Hello there.'))
    // What is left in the copy is of no interest, and ending politely takes as long as the turns under way.
    await server.stop('SIGKILL')
  }
  return [
    toFigure({
      name: `server with ${count} open runs: from its start until it carries them on`,
      unit: 'ms',
      samples: recovered,
      baseline: { name: 'server with an empty folder: until ready', samples: idle },
      targets: (ours) => [atMost('max', ours.max, { value: 2000, unit: 'ms' })],
    }),
    toFigure({ name: 'a request meanwhile', unit: 'ms', samples: served }),
    toFigure({ name: 'a new message and its answer meanwhile', unit: 'ms', samples: answered }),
  ]
}

/** Waits until a run is under way. */
async function untilCarriedOn(send: SendRequest): Promise<void> {
  const deadline = performance.now() + recoveryLimitMs
  while (performance.now() < deadline) {
    const response = await send('/v1/runs/?statuses=running&limit=1', {})
    const active = (await response.json()) as readonly unknown[]
    if (active.length > 0) return
    await sleep(5)
  }
  throw new Error(`the server carried nothing on within ${recoveryLimitMs / 1000} s`)
}
