// How long a search of one agent's messages takes, beside the engine's plain full-text query on the same words.
import { join } from 'node:path'
import { parseOptions } from '../scripts/read-options.ts'
import { searchConstants } from '../src/memory/search/search-constants.ts'
import { limitGarbage } from '../src/server/limit-garbage.ts'
import { openStore } from '../src/storage/open-store.ts'
import { createTestDatabase, hasPostgres, preparePostgres } from '../test/setup/postgres-server.ts'
import { beginReport } from './harness/begin-report.ts'
import type { Figure } from './harness/report.ts'
import { createWorkspace } from './harness/workspace.ts'
import { createTemplate } from './scale/template.ts'
import { measureManyAgents, mostSearched } from './search/many-agents.ts'
import { measureAgent } from './search/measure-agent.ts'
import { openPlainPostgres, openPlainSqlite, resultCount } from './search/plain-search.ts'

const options = parseOptions({
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  build: { type: 'boolean', default: true },
  sizes: { type: 'string' },
  agents: { type: 'string' },
  items: { type: 'string' },
  engine: { type: 'string', default: 'both' },
})
const queryCount = options.quick ? 40 : 200
const sizes = (options.sizes ?? (options.quick ? '1000,5000' : '1000,5000,100000'))
  .split(',')
  .filter((size) => size !== '')
  .map(Number)
const agents = Number(options.agents ?? (options.quick ? 50 : 1000))
const items = Number(options.items ?? (options.quick ? 200 : 1000))
const notes = [
  `Made-up talk of one agent, 6 to 39 words a message; ${queryCount} questions of four words (one common, two middling, one rare), one at a time, the ${resultCount} best.`,
  'Beside it: one table with the same texts and the engine’s own full-text index and ranking, in the same process, taking turns.',
  `Up to ${searchConstants.completeUpTo} messages all are scored, from texts that the process holds after the first search; above, ${searchConstants.candidateLimit} that the index chooses and their neighbours (${searchConstants.candidateLimitOfLarge} above ${searchConstants.largeScope}).`,
  'Stored: one message of a batch of 1,000 in one transaction; its plain counterpart stores the text and its index alone.',
  `Many agents: ${agents} with ${items} messages each in one database (--agents, --items; 0 leaves it out), cloned by the database; ${Math.min(mostSearched, agents)} of them, spread over all, are searched twice, then 20 get 100 messages more through the store. The plain table beside has the texts of one agent alone.`,
  'Memory is what this process has, with SQLite in it and without the server of PostgreSQL; what a process holds of texts between searches is bounded to 64 MB.',
]
const report = beginReport('search', options)
// As a server does once it is ready.
limitGarbage()
using workspace = createWorkspace()
const template = agents === 0 ? null : await createTemplate(workspace.folder('template'), items / 2)
const figures: Figure[] = []
if (options.engine !== 'postgres') {
  for (const size of sizes) {
    const store = await openStore({ location: workspace.folder(`embedded-${size}`) })
    const plain = openPlainSqlite(join(workspace.path, `plain-${size}.db`))
    const name = `embedded, ${size}`
    figures.push(...(await measureAgent({ name, size, queryCount, store, plain })))
    await plain.close()
    await store.close()
  }
  if (template !== null) {
    const location = workspace.folder('embedded-many')
    const plain = openPlainSqlite(join(workspace.path, 'plain-many.db'))
    const name = `embedded, ${agents} agents`
    figures.push(...(await measureManyAgents({ name, location, template, agents, plain })))
    await plain.close()
  }
}
if (options.engine !== 'embedded') {
  if (hasPostgres()) {
    const stop = await preparePostgres(workspace.folder('server'))
    for (const size of sizes) {
      const databases = [await createTestDatabase(), await createTestDatabase()] as const
      const store = await openStore({ location: databases[0].url })
      const plain = await openPlainPostgres(databases[1].url)
      const name = `PostgreSQL, ${size}`
      figures.push(...(await measureAgent({ name, size, queryCount, store, plain })))
      await plain.close()
      await store.close()
      for (const database of databases) await database.remove()
    }
    if (template !== null) {
      const databases = [await createTestDatabase(), await createTestDatabase()] as const
      const location = databases[0].url
      const plain = await openPlainPostgres(databases[1].url)
      const name = `PostgreSQL, ${agents} agents`
      figures.push(...(await measureManyAgents({ name, location, template, agents, plain })))
      await plain.close()
      for (const database of databases) await database.remove()
    }
    await stop()
  } else notes.push('PostgreSQL was not measured: none is here. Run `npm run fetch:postgres` once.')
}
report.print(workspace.path, {
  figures,
  checks: [],
  notes,
})
