import { join } from 'node:path'
import { createAgent, runTurn, type SendRequest, toServer } from '../harness/api.ts'
import type { Endpoint } from '../harness/endpoint.ts'
import { startLettaServer } from '../harness/letta-server.ts'
import { residentMemory } from '../harness/process-figures.ts'
import { type Figure, toFigure } from '../harness/report.ts'
import type { BenchmarkContext } from '../harness/run-benchmark.ts'

const agentCount = 16

/** So small that conversations are compacted again and again, and what is rightly remembered of them stays the same. */
const windowTokens = 6000

/** The most by which what a server holds may grow in as many turns again, in bytes for each turn: less than a message. */
const mostGrowthPerTurn = 512

interface Held {
  readonly megabytes: number
}

/** What a server holds after many turns and after twice as many: what grows with them never stops growing. */
export async function measureMemory(
  context: BenchmarkContext,
  endpoint: Endpoint,
): Promise<readonly Figure[]> {
  const each = context.quick ? 50 : 250
  const turns = each * agentCount
  const told: Held[] = []
  const server = await startLettaServer(context.processes, context.program, {
    home: context.workspace.folder('memory'),
    endpoint: endpoint.url,
    // What is held for searches grows up to its limit; the benchmark `search` measures it.
    settings: { LETTA_RECALL_TOKENS: '0' },
    preload: join(import.meta.dirname, 'held-memory.cjs'),
    onLine: (line) => {
      if (line.startsWith('{"type":"held"')) told.push(JSON.parse(line) as Held)
    },
  })
  const send = toServer(server.url)
  const agents = await createAgents(send)
  async function heldAfterTurns(lead = 0): Promise<number> {
    await Promise.all(
      agents.map(async (agent, index) => {
        const count = each + index * lead
        for (let turn = 0; turn < count; turn += 1) await runTurn(send, agent, 'Hello there.')
      }),
    )
    const known = told.length
    process.kill(server.pid, 'SIGUSR2')
    for (let tries = 0; tries < 2000 && told.length === known; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const held = told[known]
    if (held === undefined) throw new Error('the server does not tell what it holds')
    return held.megabytes
  }
  // Before it counts: what V8 compiles, and what is remembered up to a limit. Each agent has said more than the one before it, as
  // views grow until they are compacted: alike, they would all be short in one look and long in the next.
  context.progress(
    `memory after ${turns} turns of ${agentCount} agents, and after as many again, twice`,
  )
  const begun = await heldAfterTurns(3)
  const once = await heldAfterTurns()
  const twice = await heldAfterTurns()
  const resident = residentMemory(server.pid)
  await server.stop()
  return toFigures({ turns, begun, once, twice, resident })
}

function toFigures(measured: {
  readonly turns: number
  readonly begun: number
  readonly once: number
  readonly twice: number
  readonly resident: number
}): readonly Figure[] {
  const { turns, begun, once, twice, resident } = measured
  const perTurn = ((twice - once) * 1024 * 1024) / turns
  return [
    toFigure({
      name: `held after ${2 * turns} more turns`,
      unit: 'MB',
      samples: [twice],
      baseline: { name: `after ${turns} more`, samples: [once] },
    }),
    toFigure({
      name: 'held more by the second half, a turn',
      unit: 'bytes',
      samples: [perTurn],
      baseline: { name: 'by the first', samples: [((once - begun) * 1024 * 1024) / turns] },
      targets: () => [
        { text: `≤ ${mostGrowthPerTurn} bytes`, reached: perTurn <= mostGrowthPerTurn },
      ],
    }),
    toFigure({ name: 'the process then, garbage included', unit: 'MB', samples: [resident] }),
  ]
}

async function createAgents(send: SendRequest): Promise<readonly string[]> {
  const agents: string[] = []
  for (let index = 0; index < agentCount; index += 1) {
    agents.push(await createAgent(send, `Held ${index}`, { context_window_limit: windowTokens }))
  }
  return agents
}
