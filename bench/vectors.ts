// How long the nearest vectors of one archive take on both engines, exactly and from a choice, and what the choice misses.
import { parseOptions } from '../scripts/read-options.ts'
import type { NewVector } from '../src/storage/contract/vector-store.ts'
import { World } from '../src/storage/conformance/world.ts'
import { openStore } from '../src/storage/open-store.ts'
import type { Store } from '../src/storage/store.ts'
import { createTestDatabase, hasPostgres, preparePostgres } from '../test/setup/postgres-server.ts'
import { beginReport } from './harness/begin-report.ts'
import { toFigure, type Figure } from './harness/report.ts'
import { createWorkspace } from './harness/workspace.ts'
import { PostgresReplay } from './storage/postgres-replay.ts'
import type { RecordedStatement } from './storage/replay.ts'

const dimension = 384
const resultCount = 10
const queryCount = 40
/** Few enough that PostgreSQL puts them into an HNSW index within the time a statement may take. */
const batch = 100
const everything = 100_000_000

const notes = [
  `${dimension} dimensions around 200 random centres; top ${resultCount} of one archive, ${queryCount} queries, one at a time.`,
  'First: the first search, which on the embedded engine reads the vectors into memory.',
  'PostgreSQL, baseline: the statements of the same search sent at once by `pg` alone, after each search. The embedded engine compares vectors in the program, so its driver has no counterpart.',
  'Recall: the share of the exact results that the search from a choice finds. --exact leaves the choice out, whose index takes most of the time at 100,000.',
]

const options = parseOptions({
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  build: { type: 'boolean', default: true },
  sizes: { type: 'string' },
  engine: { type: 'string', default: 'both' },
  exact: { type: 'boolean', default: false },
})
const report = beginReport('vectors', options)
using workspace = createWorkspace()
const sizes = (options.sizes ?? (options.quick ? '1000,10000' : '1000,10000,100000'))
  .split(',')
  .map(Number)
const figures: Figure[] = []
if (options.engine !== 'postgres') {
  const store = await openStore({ location: workspace.folder('embedded') })
  const subject = { store, runAlone: null }
  for (const size of sizes) figures.push(...(await measure(subject, `embedded, ${size}`, size)))
  await store.close()
}
if (options.engine !== 'embedded' && hasPostgres()) {
  const stop = await preparePostgres(workspace.folder('server'))
  const database = await createTestDatabase()
  const recorded: RecordedStatement[] = []
  const hooks = {
    leaseClockOffset: 0,
    onStatement: (sql: string, values: RecordedStatement['values']) => {
      recorded.push({ sql, values })
    },
  }
  const store = await openStore({ location: database.url, hooks })
  const replay = await PostgresReplay.open(database.url)
  const runAlone = async (search: () => Promise<SearchSample>): Promise<SearchSample> => {
    recorded.length = 0
    const sample = await search()
    return { ...sample, alone: await replay.run(recorded.splice(0), 'rows') }
  }
  const subject = { store, runAlone }
  for (const size of sizes) figures.push(...(await measure(subject, `PostgreSQL, ${size}`, size)))
  await replay.close()
  await store.close()
  await database.remove()
  await stop()
}
report.print(workspace.path, {
  figures,
  checks: [],
  notes,
})

async function measure(
  { store, runAlone }: Subject,
  name: string,
  size: number,
): Promise<Figure[]> {
  const world = new World(store)
  const agent = await world.agent()
  const createVector = clusteredVectors(size)
  const exactUpTo = options.exact ? everything : size / 2
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
    await store.putVectors(world.scope, { items, exactUpTo })
    puts.push((performance.now() - put) / items.length)
    some = items.slice(0, 100)
  }
  // What was stored before the archive counted as large comes into the index with later calls.
  for (let moved = 0; moved < size - exactUpTo; moved += 500) {
    await store.putVectors(world.scope, { items: some, exactUpTo })
  }
  const searchOnce = async (vector: readonly number[], compared: number): Promise<SearchSample> => {
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
      exactUpTo: compared,
    })
    const time = performance.now() - start
    return { time, alone: null, ids: found.items.map(({ item }) => item.id) }
  }
  const search = (vector: readonly number[], compared: number): Promise<SearchSample> =>
    runAlone === null ? searchOnce(vector, compared) : runAlone(() => searchOnce(vector, compared))
  const queries = Array.from({ length: queryCount }, createVector)
  const first = await search(queries[0] ?? [], everything)
  const exact = await searchAll(queries, (query) => search(query, everything))
  const always = [
    toFigure({ name: `put one of ${batch}, ${name}`, unit: 'ms', samples: puts }),
    toFigure({ name: `first, ${name}`, unit: 'ms', samples: [first.time] }),
    toSearchFigure(`exact, ${name}`, exact),
  ]
  if (options.exact) return always
  await search(queries[0] ?? [], exactUpTo)
  const chosen = await searchAll(queries, (query) => search(query, exactUpTo))
  const recalls = chosen.map(({ ids }, index) => {
    const wanted = new Set(exact[index]?.ids)
    return ids.filter((id) => wanted.has(id)).length / resultCount
  })
  const mean = recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length
  return [
    ...always,
    toSearchFigure(`from a choice, ${name}`, chosen),
    toFigure({ name: `recall, ${name}`, unit: 'ratio', samples: [mean] }),
  ]
}

interface Subject {
  readonly store: Store
  /** Runs a search and then its statements by the driver alone; null where that is no comparison. */
  readonly runAlone: ((search: () => Promise<SearchSample>) => Promise<SearchSample>) | null
}

function toSearchFigure(name: string, searches: readonly SearchSample[]): Figure {
  const alone = searches.flatMap((sample) => (sample.alone === null ? [] : [sample.alone]))
  return toFigure({
    name,
    unit: 'ms',
    samples: searches.map(({ time }) => time),
    ...(alone.length === 0 ? {} : { baseline: { name: 'pg', samples: alone } }),
    targets: (ours, baseline) =>
      baseline === null
        ? []
        : [{ text: 'median ≤ 1.5 × baseline', reached: ours.median <= 1.5 * baseline.median }],
  })
}

interface SearchSample {
  readonly time: number
  /** The time of its statements by the driver alone, where that was measured. */
  readonly alone: number | null
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
