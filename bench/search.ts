// How long a search of one agent's messages takes, beside the engine's plain full-text query on the same words.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createAgentSearch } from '../src/memory/search/create-agent-search.ts'
import { messageEntry } from '../src/memory/search/search-entry.ts'
import { World } from '../src/storage/conformance/world.ts'
import { openStore } from '../src/storage/open-store.ts'
import type { Store } from '../src/storage/store.ts'
import { createTestDatabase, hasPostgres, preparePostgres } from '../test/setup/postgres-server.ts'
import { currentLoad, lookAtMachine } from './harness/machine.ts'
import { renderReport } from './harness/render-report.ts'
import { atMost, toFigure, type Figure } from './harness/report.ts'
import { createWorkspace } from './harness/workspace.ts'
import {
  openPlainPostgres,
  openPlainSqlite,
  resultCount,
  type PlainSearch,
} from './search/plain-search.ts'
import { createTalk } from './search/talk.ts'

const batch = 1000
const timezone = 'UTC'

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
const queryCount = options.quick ? 40 : 200
const notes = [
  `Made-up talk of one agent, 6 to 39 words a message; ${queryCount} questions of four words (one common, two middling, one rare), one at a time, the ${resultCount} best.`,
  'Beside it: one table with the same texts and the engine’s own full-text index and ranking, in the same process, taking turns.',
  'Up to 1,000 messages all are scored; above, 300 that the index chooses and their neighbours.',
  'Stored: one message of a batch of 1,000 in one transaction; its plain counterpart stores the text and its index alone.',
]
const begun = performance.now()
const loadBefore = currentLoad()
using workspace = createWorkspace()
const sizes = (options.sizes ?? (options.quick ? '1000,5000' : '1000,5000,100000'))
  .split(',')
  .map(Number)
const figures: Figure[] = []
if (options.engine !== 'postgres') {
  for (const size of sizes) {
    const folder = workspace.folder(`embedded-${size}`)
    const store = await openStore({ location: folder })
    const plain = openPlainSqlite(join(workspace.path, `plain-${size}.db`))
    figures.push(...(await measure(`embedded, ${size}`, size, { store, plain })))
    await plain.close()
    await store.close()
  }
}
if (options.engine !== 'embedded' && hasPostgres()) {
  const stop = await preparePostgres(workspace.folder('server'))
  for (const size of sizes) {
    const databases = [await createTestDatabase(), await createTestDatabase()] as const
    const store = await openStore({ location: databases[0].url })
    const plain = await openPlainPostgres(databases[1].url)
    figures.push(...(await measure(`PostgreSQL, ${size}`, size, { store, plain })))
    await plain.close()
    await store.close()
    for (const database of databases) await database.remove()
  }
  await stop()
}
const report = {
  benchmark: 'search',
  quick: options.quick,
  seconds: (performance.now() - begun) / 1000,
  machine: lookAtMachine(workspace.path, loadBefore),
  figures,
  checks: [],
  notes,
}
process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report))

async function measure(
  name: string,
  size: number,
  { store, plain }: { readonly store: Store; readonly plain: PlainSearch },
): Promise<Figure[]> {
  const world = new World(store)
  const agent = await world.agent()
  const talk = createTalk(size)
  const conversation = world.conversationOf(agent)
  const [stored, added]: [number[], number[]] = [[], []]
  for (let start = 0; start < size; start += batch) {
    const texts = Array.from({ length: Math.min(batch, size - start) }, () => talk.next())
    const messages = texts.map((text, index) => {
      const role = index % 2 === 0 ? ('user' as const) : ('assistant' as const)
      const { message } = world.message(agent, text, { role, conversationId: conversation.id })
      return { message, entry: messageEntry(message, { timezone }) }
    })
    const at = world.at()
    const first = start === 0 ? { conversation, messages: [] } : null
    const ids = { agentId: agent.id, importId: conversation.id }
    const input = { ...ids, start: first, messages, at }
    stored.push((await time(() => store.importMessages(world.scope, input))) / texts.length)
    added.push((await time(() => plain.add(texts))) / texts.length)
  }
  const place = { store, scope: world.scope, agentId: agent.id, now: world.at(), timezone }
  const search = createAgentSearch(place)
  const [ours, beside]: [number[], number[]] = [[], []]
  for (let count = -10; count < queryCount; count += 1) {
    const text = talk.question()
    const query = { text, roles: [], from: null, until: null, excludeIds: [], limit: resultCount }
    const mine = await time(() => search.messages(query))
    const theirs = await time(() => plain.find(text.split(' ')))
    if (count < 0) continue
    ours.push(mine)
    beside.push(theirs)
  }
  const [median, p99] = size > 5000 ? [15, 60] : [5, null]
  return [
    toFigure({
      name: `search, ${name}`,
      unit: 'ms',
      samples: ours,
      baseline: { name: 'the plain query', samples: beside },
      targets: (summary) => [
        atMost('median', summary.median, { value: median, unit: 'ms' }),
        ...(p99 === null ? [] : [atMost('p99', summary.p99, { value: p99, unit: 'ms' })]),
      ],
    }),
    toFigure({
      name: `stored, ${name}`,
      unit: 'ms',
      samples: stored,
      baseline: { name: 'the plain table', samples: added },
    }),
  ]
}

async function time(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await run()
  return performance.now() - start
}
