// What more agents and messages cost: the same operations on a small and on a large database, taking turns, on both engines.
import { parseOptions } from '../scripts/read-options.ts'
import { World } from '../src/storage/conformance/world.ts'
import { openStore } from '../src/storage/open-store.ts'
import type { Store } from '../src/storage/store.ts'
import { createTestDatabase, hasPostgres, preparePostgres } from '../test/setup/postgres-server.ts'
import { beginReport } from './harness/begin-report.ts'
import { toFigure, type Figure } from './harness/report.ts'
import { createWorkspace } from './harness/workspace.ts'
import { fill } from './scale/fill.ts'
import { measureOnce } from './scale/operations.ts'
import { createTemplate } from './scale/template.ts'

const options = parseOptions({
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  build: { type: 'boolean', default: true },
  agents: { type: 'string' },
  messages: { type: 'string' },
  rounds: { type: 'string' },
  engine: { type: 'string', default: 'both' },
})
const small = 100
const large = Number(options.agents ?? (options.quick ? 1000 : 10_000))
const exchanges = Math.ceil(Number(options.messages ?? 100) / 2)
const rounds = Number(options.rounds ?? (options.quick ? 20 : 60))
const report = beginReport('scale', options)
using workspace = createWorkspace()
const template = await createTemplate(workspace.folder('template'), exchanges)
const figures: Figure[] = []
const notes = [
  `${large} agents with ${exchanges * 2} messages each, beside ${small} with as many, taking turns; all of one tenant.`,
  'A turn is accept, claim, events, step and the look for more; every round takes another agent.',
]
if (options.engine !== 'postgres') {
  figures.push(
    ...(await measureEngine('embedded', [workspace.folder('small'), workspace.folder('large')])),
  )
}
if (options.engine !== 'embedded') {
  if (hasPostgres()) {
    const stop = await preparePostgres(workspace.folder('server'))
    const databases = [await createTestDatabase(), await createTestDatabase()]
    figures.push(
      ...(await measureEngine(
        'PostgreSQL',
        databases.map(({ url }) => url),
      )),
    )
    for (const database of databases) await database.remove()
    await stop()
  } else notes.push('PostgreSQL was not measured: none is here. Run `npm run fetch:postgres` once.')
}
report.print(workspace.path, {
  figures,
  checks: [],
  notes,
})

async function measureEngine(name: string, locations: readonly string[]): Promise<Figure[]> {
  const stores: Store[] = []
  for (const [index, location] of locations.entries()) {
    const agents = index === 0 ? small : large
    await fillWithProgress(name, { location, agents })
    stores.push(await openStore({ location, host: 'worker' }))
  }
  const samples = stores.map(() => new Map<string, number[]>())
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, store] of stores.entries()) {
      const world = new World(store, template.scope)
      const agents = index === 0 ? small : large
      const number = 1 + Math.floor(((round + 0.5) / rounds) * agents)
      await measureOnce(world, { template, number }, (operation, milliseconds) => {
        const list = samples[index]?.get(operation) ?? []
        samples[index]?.set(operation, [...list, milliseconds])
      })
    }
  }
  for (const store of stores) await store.close()
  return [...(samples[1] ?? [])].map(([operation, times]) =>
    toFigure({
      name: `${operation}, ${name}`,
      unit: 'ms',
      samples: times.slice(5),
      baseline: { name: `${small} agents`, samples: (samples[0]?.get(operation) ?? []).slice(5) },
      targets: (ours, baseline) =>
        baseline === null
          ? []
          : [{ text: 'median ≤ 2 × baseline', reached: ours.median <= 2 * baseline.median }],
    }),
  )
}

async function fillWithProgress(
  name: string,
  { location, agents }: { readonly location: string; readonly agents: number },
): Promise<void> {
  const start = performance.now()
  let told = 0
  await fill({
    location,
    template,
    agents,
    progress(count) {
      if (count < agents && performance.now() - told < 5000) return
      told = performance.now()
      const seconds = Math.round((told - start) / 1000)
      process.stderr.write(`${name}: ${count} of ${agents} agents after ${seconds} s\n`)
    },
  })
}
