// Whether anything of what was forgotten is left in any byte of the data folder, beside what a plain delete leaves.
import { parseOptions } from '../scripts/read-options.ts'
import { defaultScope } from '../src/domain/scope.ts'
import { openStore } from '../src/storage/open-store.ts'
import { createLogger } from '../src/telemetry/logger.ts'
import { createTestApp, type TestApp } from '../src/testing/create-test-app.ts'
import { canaryScript, plantCanaries, type Canaries } from '../src/testing/forget-canaries.ts'
import { relationsWith } from '../test/setup/postgres-bytes.ts'
import {
  createTestDatabase,
  execute,
  hasPostgres,
  preparePostgres,
  queryRows,
} from '../test/setup/postgres-server.ts'
import { beginReport } from './harness/begin-report.ts'
import { toFigure, type Check, type Figure } from './harness/report.ts'
import { createWorkspace } from './harness/workspace.ts'
import { countBytes, deletePlainly } from './residue/count-bytes.ts'

const options = parseOptions({
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  build: { type: 'boolean', default: true },
  engine: { type: 'string', default: 'both' },
})
const wordCount = options.quick ? 4 : 20
const filler = options.quick ? 500 : 5000

/** A word that nobody says by chance, the first canary of every other agent. */
const words = Array.from({ length: wordCount }, (_, index) => `zugheron${4711 + index}x`)

interface Times {
  readonly preview: number[]
  readonly confirm: number[]
}

/** Puts every word into an agent of its own, with so much else beside it. */
async function plantAll(test: TestApp): Promise<readonly Canaries[]> {
  const planted: Canaries[] = []
  for (const word of words) {
    test.model.script(...canaryScript(word))
    const canaries = await plantCanaries(test, word)
    const messages = Array.from({ length: filler / 100 }, (_, index) => ({
      role: 'user' as const,
      text: `Note ${index}: the heron stood in the reeds, ${'and the water was calm '.repeat(9)}.`,
      name: null,
      createdAt: null,
      otid: `note-${index}`,
      session: null,
    }))
    for (let count = 0; count < 100; count += 1) {
      const part = messages.map((message) => ({ ...message, otid: `${message.otid}-${count}` }))
      await test.app.services.imports.importMessages(defaultScope, canaries.agent.id, {
        messages: part,
        importId: null,
      })
    }
    planted.push(canaries)
  }
  return planted
}

/** Forgets every word: half of them by the words, half by the message they were told in. */
async function forgetAll(test: TestApp, planted: readonly Canaries[], times: Times): Promise<void> {
  const { forget } = test.app.services
  for (const [index, { agent, messageId }] of planted.entries()) {
    const byWords = { ids: [], query: words[index] ?? '', agentId: agent.id }
    const byId = { ids: [messageId], query: null, agentId: null }
    const request = { ...(index % 2 === 0 ? byWords : byId), cutOnly: false }
    const begun = performance.now()
    const { token } = await forget.preview(defaultScope, request)
    const shown = performance.now()
    await forget.confirm(defaultScope, request, token)
    times.preview.push(shown - begun)
    times.confirm.push(performance.now() - shown)
  }
}

const report = beginReport('residue', options)
using workspace = createWorkspace()
const figures: Figure[] = []
const checks: Check[] = []
const notes = [
  `${wordCount} words, each put into one agent by a message, tool calls, core memory edited several times, a fact, passages, an import, signals, jobs, run options, errors and the log, beside ${filler} other messages; half forgotten by the words, half by the message.`,
  'Occurrences are counted in the bytes of every file of the data folder but for backups/, whatever the capitals.',
  'Beside it: a copy of the folder where every row with a word was deleted by SQL, as any program would.',
]

if (options.engine !== 'postgres') {
  const home = workspace.folder('data')
  await using test = await createTestApp({
    store: await openStore({ location: home }),
    logger: createLogger({ level: 'info', to: { home } }),
  })
  const planted = await plantAll(test)
  const before = countBytes(home, words)
  const plain = `${workspace.folder('plain')}/copy`
  deletePlainly(home, plain, words)
  const left = countBytes(plain, words)
  const times: Times = { preview: [], confirm: [] }
  await forgetAll(test, planted, times)
  const after = countBytes(home, words)
  const receipts = await test.app.services.forget.list(defaultScope, { limit: 1000 })
  const clean = receipts.filter(
    ({ residue }) => residue?.rowsFound === 0 && residue.filesFound === 0,
  )
  figures.push(
    toFigure({ name: 'SQLite: preview', unit: 'ms', samples: times.preview }),
    toFigure({ name: 'SQLite: forget, search, clean', unit: 'ms', samples: times.confirm }),
  )
  checks.push(
    {
      name: 'SQLite: nothing is left in any file',
      passed: before > 0 && after === 0,
      detail: `${before} occurrences before, ${after} after; a plain delete leaves ${left}`,
    },
    {
      name: 'SQLite: every receipt says so',
      passed: clean.length === wordCount,
      detail: `${clean.length} of ${wordCount}`,
    },
  )
}
if (options.engine !== 'embedded' && hasPostgres()) {
  const stop = await preparePostgres(workspace.folder('server'))
  const database = await createTestDatabase()
  const store = await openStore({ location: database.url })
  const test = await createTestApp({ store })
  const planted = await plantAll(test)
  const before = await countRows(database.url)
  await execute(database.url, 'ANALYZE')
  const heldBefore = await relationsWith(database.url, words)
  const times: Times = { preview: [], confirm: [] }
  await forgetAll(test, planted, times)
  const after = await countRows(database.url)
  figures.push(
    toFigure({ name: 'PostgreSQL: preview', unit: 'ms', samples: times.preview }),
    toFigure({ name: 'PostgreSQL: forget, search, clean', unit: 'ms', samples: times.confirm }),
  )
  checks.push({
    name: 'PostgreSQL: nothing is left in any row',
    passed: before > 0 && after === 0,
    detail: `${before} rows before, ${after} after`,
  })
  const held = await relationsWith(database.url, words)
  checks.push({
    name: 'PostgreSQL: nothing is left in the bytes of any table, index or statistic',
    passed: heldBefore.length > 0 && held.length === 0,
    detail: `${heldBefore.length} files before, ${held.length} after${held.length === 0 ? '' : `: ${held.join(', ')}`}`,
  })
  await test.app.close()
  await database.remove()
  await stop()
}

/** How many rows of all tables hold a word. */
async function countRows(url: string): Promise<number> {
  const tables = await queryRows(
    url,
    `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace`,
  )
  let count = 0
  for (const { relname } of tables) {
    const rows = await queryRows(
      url,
      `SELECT count(*)::int AS held FROM "${String(relname)}" t WHERE lower(t::text) LIKE '%zugheron%'`,
    )
    count += Number(rows[0]?.['held'])
  }
  return count
}

report.print(workspace.path, {
  figures,
  checks,
  notes,
})
