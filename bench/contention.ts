// Two commands and a server on one data folder, one of them killed without warning now and then.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { countOpenTurns, verifyDatabase } from './contention/verify.ts'
import { createLedger, type Ledger } from './contention/ledger.ts'
import { type MachineFigures, startMachineProbe } from './contention/machine-probe.ts'
import { type Participant, startCommand, startServer } from './contention/participants.ts'
import { createAgent, createConversation, toServer } from './harness/api.ts'
import { startEndpoint } from './harness/endpoint.ts'
import { atMost, type Check, type Figure, toFigure } from './harness/report.ts'
import { type BenchmarkContext, runBenchmark } from './harness/run-benchmark.ts'

/** The most a commit may take, in milliseconds. */
const commitLimitMs = 100
/** How many clients talk to the server at once. */
const serverClients = 3
/** The pause between two kills, at least and at most, in milliseconds. */
const killPauseMs = { least: 1000, most: 3000 }
/** How long what is open at the end may take, in milliseconds. */
const settleDeadlineMs = 30_000

await runBenchmark({
  name: 'contention',
  async run(context) {
    const endpoint = await startEndpoint(context.processes, { chunkDelayMs: 5 })
    const home = context.workspace.folder('home')
    const run = { home, endpoint: endpoint.url }
    const [ofServer, ofFirst, ofSecond] = [createLedger(), createLedger(), createLedger()]
    const server = await startServer({ context, run, ledger: ofServer })
    const send = toServer(server.url())
    const agentId = await createAgent(send, 'Contended')
    const shared = await createConversation(send, agentId)
    const withShared = async () => [shared, await createConversation(send, agentId)]
    const until = Date.now() + (context.quick ? 8000 : 30_000)
    const forCommand = async (ledger: Ledger) => ({
      context,
      run,
      ledger,
      until,
      conversationIds: await withShared(),
    })
    const participants = [
      server,
      await startCommand('first command', await forCommand(ofFirst)),
      await startCommand('second command', await forCommand(ofSecond)),
    ]
    const stopProbe = startMachineProbe(context.workspace.path)
    server.begin({ conversationIds: await withShared(), until, width: serverClients })
    const kills = await killNowAndThen(context, participants, until)
    for (const participant of participants) await participant.finish()
    const machine = await stopProbe()
    const file = join(home, 'letta.db')
    const settled = await settle(file)
    await server.stop()
    const ledgers = { server: ofServer, 'first command': ofFirst, 'second command': ofSecond }
    const entries = Object.values(ledgers).flatMap((ledger) => [...ledger.entries.values()])
    return {
      figures: [
        ...Object.entries(ledgers).map((entry) => toCommitFigure(entry, machine)),
        ...Object.entries(ledgers).flatMap(toTurnFigures),
        toRestartFigure(kills),
      ],
      checks: [
        checkCommits(ledgers, machine),
        settled,
        ...verifyDatabase(file, entries),
        checkKills(kills, context.quick),
      ],
      notes: [
        'A commit is timed in its process, from the call of an operation of the store that writes until it is on disk, waiting for the other processes included. A plain write is 4 kB with a sync to the same disk, ten times a second meanwhile: a busy machine cannot be faster.',
        'A message is accepted when the head of the response is there; the first one of a new process loads and compiles the rest of the program.',
        'All three talk in one shared conversation and in one of their own; the model streams four words, 5 ms apart.',
        `Kills: ${kills.map(({ name }) => name).join(', ')}.`,
        ...Object.entries(ledgers).flatMap(describeFailures),
      ],
    }
  },
})

/** One kill of a process. */
interface Kill {
  readonly name: string
  /** From the new start until the process worked again, in milliseconds. */
  readonly restartMs: number
}

async function killNowAndThen(
  context: BenchmarkContext,
  participants: readonly Participant[],
  until: number,
): Promise<Kill[]> {
  const kills: Kill[] = []
  const { least, most } = killPauseMs
  for (;;) {
    await sleep(least + Math.random() * (most - least))
    const victim = participants[Math.floor(Math.random() * participants.length)]
    if (victim === undefined || Date.now() + least > until) return kills
    const restartMs = await victim.restart()
    kills.push({ name: victim.name, restartMs })
    context.progress(`killed the ${victim.name}; it works again after ${restartMs.toFixed(0)} ms`)
  }
}

/** Waits until no turn is open any more: the server carries on what the killed ones left. */
async function settle(file: string): Promise<Check> {
  const begun = performance.now()
  const elapsed = (): number => performance.now() - begun
  while (elapsed() < settleDeadlineMs && countOpenTurns(file) > 0) await sleep(50)
  const open = countOpenTurns(file)
  return {
    name: 'every turn ends',
    passed: open === 0,
    detail: `${open} open ${(elapsed() / 1000).toFixed(1)} s after the last message`,
  }
}

function toCommitFigure([name, { commits }]: [string, Ledger], { syncs }: MachineFigures): Figure {
  return toFigure({
    name: `${name}: commit`,
    unit: 'ms',
    samples: commits.map(({ ms }) => ms),
    baseline: { name: 'plain write', samples: syncs },
    targets: (ours) => [atMost('max', ours.max, { value: commitLimitMs, unit: 'ms' })],
  })
}

function toTurnFigures([name, { accepted, answered }]: [string, Ledger]): Figure[] {
  return [
    toFigure({ name: `${name}: message accepted`, unit: 'ms', samples: accepted }),
    toFigure({ name: `${name}: turn`, unit: 'ms', samples: answered }),
  ]
}

function toRestartFigure(kills: readonly Kill[]): Figure {
  const samples = kills.length === 0 ? [NaN] : kills.map(({ restartMs }) => restartMs)
  return toFigure({ name: 'killed process works again', unit: 'ms', samples })
}

function checkCommits(
  ledgers: Readonly<Record<string, Ledger>>,
  { lateness, syncs }: MachineFigures,
): Check {
  const all = Object.entries(ledgers).flatMap(([name, { commits }]) =>
    commits.map(({ operation, ms }) => ({ what: `${operation} of the ${name}`, ms })),
  )
  const slow = all.filter(({ ms }) => ms >= commitLimitMs)
  const worst = all.toSorted((a, b) => b.ms - a.ms)[0]
  const [latest, slowest] = [lateness, syncs].map((times) => Math.max(...times).toFixed(0))
  return {
    name: `every commit under ${commitLimitMs} ms`,
    passed: slow.length === 0 && worst !== undefined,
    detail:
      `${slow.length} of ${all.length} slower; the slowest was ${worst?.what}, ${worst?.ms.toFixed(0)} ms, ` +
      `while an idle process was woken up to ${latest} ms late and a plain write took up to ${slowest} ms`,
  }
}

function checkKills(kills: readonly Kill[], quick: boolean): Check {
  const least = quick ? 1 : 5
  return {
    name: 'processes were killed in the middle of their work',
    passed: kills.length >= least,
    detail: `${kills.length} kills`,
  }
}

function describeFailures([name, { failures }]: [string, Ledger]): string[] {
  return [...failures].map(
    ([reason, times]) => `The ${name} got no answer ${times} times: ${reason}.`,
  )
}
