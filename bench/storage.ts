// What the store's layer costs over its driver: each operation beside its own statements run by node:sqlite alone.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { KnownItems } from '../src/storage/contract/turn-store.ts'
import { World } from '../src/storage/conformance/world.ts'
import { openStore } from '../src/storage/open-store.ts'
import { currentLoad, lookAtMachine } from './harness/machine.ts'
import { renderReport } from './harness/render-report.ts'
import type { Figure } from './harness/report.ts'
import { createWorkspace, type Workspace } from './harness/workspace.ts'
import { RawReplay, type RecordedStatement } from './storage/raw-replay.ts'
import { Samples } from './storage/samples.ts'
import { type Measure, readMuch, runTurn } from './storage/turn-operations.ts'

const notes = [
  'Inline: time from the call to its promise, with commit and fsync (WAL, FULL). Baseline: the same statements with the same values, run by the driver alone on a copy of the database, after each call.',
  'Worker: the same calls through the threads of a server, one at a time.',
  'The history grows by two messages each turn; the runner keeps the items it has, as the runtime does.',
]

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    build: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const begun = performance.now()
const loadBefore = currentLoad()
using workspace = createWorkspace()
const turns = options.quick ? 100 : 1000
const figures = [...(await measureInline(workspace)), ...(await measureWorker(workspace))]
const report = {
  benchmark: 'storage',
  quick: options.quick,
  seconds: (performance.now() - begun) / 1000,
  machine: lookAtMachine(workspace.path, loadBefore),
  figures,
  checks: [],
  notes,
}
process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report))

async function measureInline(space: Workspace): Promise<Figure[]> {
  const [folder, copy] = [space.folder('inline'), space.folder('raw')]
  const recorded: RecordedStatement[] = []
  await (await openStore({ location: copy })).close()
  using replay = new RawReplay(join(copy, 'letta.db'))
  const hooks = {
    onStatement: (sql: string, values: RecordedStatement['values']) => {
      if (!sql.startsWith('PRAGMA')) recorded.push({ sql, values })
    },
  }
  const store = await openStore({ location: folder, host: 'inline', hooks })
  const samples = new Samples()
  const measure: Measure = async (name, call) => {
    replay.run(recorded.splice(0))
    const start = performance.now()
    const result = await call()
    samples.add('ours', name, performance.now() - start)
    samples.add('raw', name, replay.run(recorded.splice(0)))
    return result
  }
  recorded.length = 0
  await measureTurns(new World(store), measure)
  await store.close()
  return samples.toFigures('inline', 1.5)
}

async function measureWorker(space: Workspace): Promise<Figure[]> {
  const store = await openStore({ location: space.folder('worker'), host: 'worker' })
  const samples = new Samples()
  const measure: Measure = async (name, call) => {
    const start = performance.now()
    const result = await call()
    samples.add('ours', name, performance.now() - start)
    return result
  }
  await measureTurns(new World(store), measure)
  await store.close()
  return samples.toFigures('worker', null)
}

async function measureTurns(world: World, measure: Measure): Promise<void> {
  const agent = await world.agent({}, [world.newBlock({ value: 'x'.repeat(2000) })])
  let known: KnownItems | null = null
  for (let count = 0; count < turns; count += 1) {
    known = await runTurn(world, { agent, known, measure })
    if (count % 10 === 9) await readMuch(world, agent, measure)
  }
}
