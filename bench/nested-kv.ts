// Values that are keys of other values, looked up one after the other through the tool that agents have, without a model.
import { parseOptions } from '../scripts/read-options.ts'
import { createAgentSearch } from '../src/memory/search/create-agent-search.ts'
import { passageEntry } from '../src/memory/search/search-entry.ts'
import { createTextMemory } from '../src/memory/search/text-memory.ts'
import { World } from '../src/storage/conformance/world.ts'
import { openStore } from '../src/storage/open-store.ts'
import type { Store } from '../src/storage/store.ts'
import { createToolRegistry, parseArguments } from '../src/tools/registry.ts'
import { createTestDatabase, hasPostgres, preparePostgres } from '../test/setup/postgres-server.ts'
import { beginReport } from './harness/begin-report.ts'
import { toFigure, type Check, type Figure } from './harness/report.ts'
import { createWorkspace } from './harness/workspace.ts'
import { createNestedPairs, type NestedPairs } from './nested-kv/pairs.ts'

const options = parseOptions({
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  build: { type: 'boolean', default: true },
  pairs: { type: 'string', default: '140' },
  orders: { type: 'string' },
  engine: { type: 'string', default: 'both' },
})
const count = Number(options.pairs)
const orders = Number(options.orders ?? (options.quick ? 5 : 30))
const depths = [0, 1, 2, 3, 4]
const batch = 1000
const notes = [
  `${count} pairs of UUIDs as passages of an agent; ${orders} orders for each depth; seed = order.`,
  'The caller is a script: it asks archival_memory_search for a key, reads the pair with that key from the results, and asks for its value, until no pair has it as its key.',
]
const report = beginReport('nested-kv', options)
using workspace = createWorkspace()
const figures: Figure[] = []
const checks: Check[] = []
if (options.engine !== 'postgres') await run('embedded', workspace.folder('embedded'))
if (options.engine !== 'embedded' && hasPostgres()) {
  const stop = await preparePostgres(workspace.folder('server'))
  const database = await createTestDatabase()
  await run('PostgreSQL', database.url)
  await database.remove()
  await stop()
}
report.print(workspace.path, {
  figures,
  checks,
  notes,
})

async function run(name: string, location: string): Promise<void> {
  const store = await openStore({ location })
  const times: number[] = []
  for (const depth of depths) {
    let found = 0
    for (let order = 0; order < orders; order += 1) {
      const nested = createNestedPairs({ count, depth, seed: depth * 1000 + order + 1 })
      if ((await follow(store, nested, times)) === nested.answer) found += 1
    }
    checks.push({
      name: `${name}, depth ${depth}`,
      passed: found === orders,
      detail: `${found} of ${orders} answers`,
    })
  }
  figures.push(toFigure({ name: `one look-up, ${name}`, unit: 'ms', samples: times }))
  await store.close()
}

/** Brings pairs in as passages of an agent of their own and follows them from key to answer. */
async function follow(store: Store, nested: NestedPairs, times: number[]): Promise<string> {
  const world = new World(store)
  const agent = await world.agent()
  const archive = world.newArchive()
  for (let start = 0; start < nested.pairs.length; start += batch) {
    const passages = nested.pairs.slice(start, start + batch).map(({ key, value }) => {
      const { passage } = world.newPassage(`Key: ${key}, Value: ${value}`)
      return { passage, entry: passageEntry(passage, agent) }
    })
    const owner = { agentId: agent.id, archive }
    await store.createPassages(world.scope, { agent: owner, passages, at: world.at() })
  }
  const look = createCaller(store, world, agent.id)
  let wanted = nested.key
  for (let steps = 0; steps <= depths.length; steps += 1) {
    const start = performance.now()
    const value = await look(wanted)
    times.push(performance.now() - start)
    if (value === null) return wanted
    wanted = value
  }
  return wanted
}

/** Calls the tool as the runtime does, with what a model would write, and reads what a model would read. */
function createCaller(
  store: Store,
  world: World,
  agentId: string,
): (key: string) => Promise<string | null> {
  const tool = createToolRegistry().get('archival_memory_search')
  if (tool?.kind !== 'action') throw new Error('archival_memory_search is not an action tool')
  const [timezone, now] = ['UTC', world.at()]
  const place = { store, scope: world.scope, texts: createTextMemory() }
  const search = createAgentSearch({ ...place, agentId, now, timezone })
  return async (key) => {
    const parsed = parseArguments(tool, JSON.stringify({ query: key }))
    if (!parsed.ok) throw new Error(parsed.error)
    const { text } = await tool.run(parsed.value, {
      agentId,
      conversationId: '',
      timezone,
      now,
      signal: new AbortController().signal,
      turnMessageIds: [],
      search,
      summaries: { currentId: null, sources: async () => [] },
    })
    return new RegExp(`Key: ${key}, Value: ([0-9a-f-]+)`).exec(text)?.[1] ?? null
  }
}
