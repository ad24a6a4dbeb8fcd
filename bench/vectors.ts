// How long the nearest vectors of one archive take on both engines, exactly and from a choice, and what the choice misses.
import { parseArgs } from 'node:util'
import type { NewVector } from '../src/storage/contract/vector-store.ts'
import { World } from '../src/storage/conformance/world.ts'
import { openStore } from '../src/storage/open-store.ts'
import type { Store } from '../src/storage/store.ts'
import { createTestDatabase, hasPostgres, preparePostgres } from '../test/setup/postgres-server.ts'
import { currentLoad, lookAtMachine } from './harness/machine.ts'
import { renderReport } from './harness/render-report.ts'
import { toFigure, type Figure } from './harness/report.ts'
import { createWorkspace } from './harness/workspace.ts'

const dimension = 384
const resultCount = 10
const queryCount = 40
const batch = 1000
const everything = 100_000_000

const notes = [
  `${dimension} dimensions around 200 random centres; top ${resultCount} of one archive, ${queryCount} queries, one at a time.`,
  'First: the first search, which on the embedded engine reads the vectors into memory.',
  'Recall: the share of the exact results that the search from a choice finds.',
]

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    build: { type: 'boolean', default: true },
    sizes: { type: 'string' },
    engine: { type: 'string', default: 'both' },
  },
  allowNegative: true,
})
const begun = performance.now()
const loadBefore = currentLoad()
using workspace = createWorkspace()
const sizes = (options.sizes ?? (options.quick ? '1000,10000' : '1000,10000,100000'))
  .split(',')
  .map(Number)
const figures: Figure[] = []
if (options.engine !== 'postgres') {
  const store = await openStore({ location: workspace.folder('embedded') })
  for (const size of sizes) figures.push(...(await measure(store, `embedded, ${size}`, size)))
  await store.close()
}
if (options.engine !== 'embedded' && hasPostgres()) {
  const stop = await preparePostgres(workspace.folder('server'))
  const database = await createTestDatabase()
  const store = await openStore({ location: database.url })
  for (const size of sizes) figures.push(...(await measure(store, `PostgreSQL, ${size}`, size)))
  await store.close()
  await database.remove()
  await stop()
}
const report = {
  benchmark: 'vectors',
  quick: options.quick,
  seconds: (performance.now() - begun) / 1000,
  machine: lookAtMachine(workspace.path, loadBefore),
  figures,
  checks: [],
  notes,
}
process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report))

async function measure(store: Store, name: string, size: number): Promise<Figure[]> {
  const world = new World(store)
  const agent = await world.agent()
  const createVector = clusteredVectors(size)
  const puts: number[] = []
  let some: readonly NewVector[] = []
  for (let start = 0; start < size; start += batch) {
    const texts = Array.from({ length: Math.min(batch, size - start) }, (_, index) => `t${index}`)
    const passages = await world.remember(agent, ...texts)
    const items = passages.map(({ id }) => ({
      kind: 'passage' as const,
      id,
      model: 'bench',
      vector: createVector(),
    }))
    const put = performance.now()
    await store.putVectors(world.scope, { items, exactUpTo: size / 2 })
    puts.push((performance.now() - put) / items.length)
    some = items.slice(0, 100)
  }
  // What was stored before the archive counted as large comes into the index with later calls.
  for (let moved = 0; moved < size / 2; moved += 500) {
    await store.putVectors(world.scope, { items: some, exactUpTo: size / 2 })
  }
  const search = async (vector: readonly number[], exactUpTo: number): Promise<SearchSample> => {
    const start = performance.now()
    const found = await store.searchPassageVectors(world.scope, {
      agentId: agent.id,
      model: 'bench',
      vector,
      tags: [],
      tagMatch: 'any',
      from: null,
      until: null,
      limit: resultCount,
      exactUpTo,
    })
    return { time: performance.now() - start, ids: found.items.map(({ item }) => item.id) }
  }
  const queries = Array.from({ length: queryCount }, createVector)
  const first = await search(queries[0] ?? [], everything)
  const exact = await searchAll(queries, (query) => search(query, everything))
  await search(queries[0] ?? [], size / 2)
  const chosen = await searchAll(queries, (query) => search(query, size / 2))
  const recalls = chosen.map(({ ids }, index) => {
    const wanted = new Set(exact[index]?.ids)
    return ids.filter((id) => wanted.has(id)).length / resultCount
  })
  const mean = recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length
  return [
    toFigure({ name: `put one of ${batch}, ${name}`, unit: 'ms', samples: puts }),
    toFigure({ name: `first, ${name}`, unit: 'ms', samples: [first.time] }),
    toFigure({ name: `exact, ${name}`, unit: 'ms', samples: exact.map(({ time }) => time) }),
    toFigure({
      name: `from a choice, ${name}`,
      unit: 'ms',
      samples: chosen.map(({ time }) => time),
    }),
    toFigure({ name: `recall, ${name}`, unit: 'ratio', samples: [mean] }),
  ]
}

interface SearchSample {
  readonly time: number
  readonly ids: readonly string[]
}

async function searchAll(
  queries: readonly (readonly number[])[],
  search: (query: readonly number[]) => Promise<SearchSample>,
): Promise<readonly SearchSample[]> {
  const samples: SearchSample[] = []
  for (const query of queries) samples.push(await search(query))
  return samples
}

/** Vectors in clusters with a mean of their own, as those of embedding models are; the same for the same seed. */
function clusteredVectors(seed: number): () => number[] {
  let state = seed
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32 - 0.5
  }
  const centres = Array.from({ length: 200 }, () => Array.from({ length: dimension }, random))
  return () => {
    const centre = centres[Math.floor((random() + 0.5) * centres.length)] ?? []
    return centre.map((value) => value + random() * 1.2 + 0.2)
  }
}
