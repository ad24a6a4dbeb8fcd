// What the store's layer costs over its driver: each operation beside its own statements run by the driver alone, on both engines.
import { join } from 'node:path'
import { parseOptions } from '../scripts/read-options.ts'
import type { KnownItems } from '../src/storage/contract/turn-store.ts'
import { World } from '../src/storage/conformance/world.ts'
import { openStore } from '../src/storage/open-store.ts'
import type { Store } from '../src/storage/store.ts'
import { createTestDatabase, hasPostgres, preparePostgres } from '../test/setup/postgres-server.ts'
import { beginReport } from './harness/begin-report.ts'
import type { Figure } from './harness/report.ts'
import { createWorkspace, type Workspace } from './harness/workspace.ts'
import { compareWith } from './storage/compare.ts'
import { measureManyWriters } from './storage/many-writers.ts'
import { PostgresReplay } from './storage/postgres-replay.ts'
import { RawReplay } from './storage/raw-replay.ts'
import type { RecordedStatement } from './storage/replay.ts'
import { Samples } from './storage/samples.ts'
import { type Measure, readMuch, runTurn } from './storage/turn-operations.ts'

const notes = [
  'Inline: time from the call to its promise, with commit and fsync (WAL, FULL). Baseline: the same statements with the same values, run by the driver alone on a copy of the database, after each call. Reads are made twice by all before they are timed, as the first after a commit finds cold caches.',
  'A read is compared twice: with rows as the driver gives them, whose JSON is text, and (“objects”) with objects whose JSON is read, which is what the store gives and anybody has to make.',
  'PostgreSQL: the same on a server of its own on this machine; baseline: the same statements sent at once by `pg` alone, to a copy of the database; `pg` writes each to the socket by itself, the store all that an operation sends before it waits. Vectors: `npm run bench -- vectors`.',
  'Worker: the same calls through the threads of a server, one at a time.',
  'The history grows by two messages each turn; the runner keeps the items it has, as the runtime does.',
]

const options = parseOptions({
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  build: { type: 'boolean', default: true },
})
const report = beginReport('storage', options)
using workspace = createWorkspace()
const turns = options.quick ? 100 : 1000
const figures = [...(await measureInline(workspace)), ...(await measureWorker(workspace))]
if (hasPostgres()) figures.push(...(await measurePostgres(workspace)))
else notes.push('PostgreSQL was not measured: none is here. Run `npm run fetch:postgres` once.')
report.print(workspace.path, {
  figures,
  checks: [],
  notes,
})

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
  recorded.length = 0
  await measureTurns(new World(store), compareWith(replay, recorded, samples))
  await store.close()
  return samples.toFigures('inline', 1.5)
}

async function measurePostgres(space: Workspace): Promise<Figure[]> {
  const stop = await preparePostgres(space.folder('server'))
  const [database, copy] = [await createTestDatabase(), await createTestDatabase()]
  const recorded: RecordedStatement[] = []
  await (await openStore({ location: copy.url })).close()
  const replay = await PostgresReplay.open(copy.url)
  const hooks = {
    leaseClockOffset: 0,
    onStatement: (sql: string, values: RecordedStatement['values']) => {
      recorded.push({ sql, values })
    },
  }
  const store = await openStore({ location: database.url, hooks })
  const samples = new Samples()
  await measureTurns(new World(store), compareWith(replay, recorded, samples))
  await store.close()
  await replay.close()
  const servers = await Promise.all([database.url, database.url].map(openServer))
  const writers = await measureManyWriters(servers)
  for (const server of servers) await server.close()
  for (const each of [database, copy]) await each.remove()
  await stop()
  return [...samples.toFigures('PostgreSQL', 1.5, 'pg'), writers]
}

async function openServer(location: string): Promise<Store> {
  return await openStore({ location })
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
