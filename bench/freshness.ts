// Whether what is true, was true, and was known is told apart: N facts with updates, corrections and back-dated statements.
import { parseOptions } from '../scripts/read-options.ts'
import { createTestDatabase, hasPostgres, preparePostgres } from '../test/setup/postgres-server.ts'
import { openFactMemory, type Statement } from '../test/freshness/fact-memory.ts'
import {
  createWorld,
  type FreshQuestion,
  type FreshWorld,
  type Telling,
} from '../test/freshness/world.ts'
import { openStore } from '../src/storage/open-store.ts'
import { extractStatement } from './freshness/extract.ts'
import { askNewestMatch } from './freshness/newest-match.ts'
import { currentLoad, describeMachine, lookAtMachine } from './harness/machine.ts'
import { renderTable } from './harness/table.ts'
import { createWorkspace } from './harness/workspace.ts'
import { toShare, type Share } from './locomo/score.ts'

const options = parseOptions({
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  build: { type: 'boolean', default: true },
  seed: { type: 'string', default: '20261127' },
  engine: { type: 'string', default: 'both' },
})

/** A way to answer, with whether each question of a kind was answered rightly. */
interface Row {
  readonly name: string
  readonly now: readonly number[]
  readonly asked: readonly number[]
  readonly asOf: readonly number[]
  readonly knownAt: readonly number[]
}

const seed = Number(options.seed)
const world = createWorld({ slots: options.quick ? 40 : 200, seed })
await measure()

async function measure(): Promise<void> {
  const loadBefore = currentLoad()
  using workspace = createWorkspace()
  const rows: Row[] = []
  const run = async (engine: string, location: () => string): Promise<void> => {
    rows.push(
      await answer(`${engine}: triples given`, { location: location(), read: (told) => told }),
    )
  }
  if (options.engine !== 'postgres') await run('SQLite', () => workspace.folder('data'))
  if (options.engine !== 'embedded' && hasPostgres()) {
    const stop = await preparePostgres(workspace.folder('server'))
    const database = await createTestDatabase()
    await run('PostgreSQL', () => database.url)
    await database.remove()
    await stop()
  }
  const extracted = world.tellings.map(({ text, day }) => extractStatement(text, day))
  const read = (telling: Telling): Statement | null =>
    extracted[world.tellings.indexOf(telling)] ?? null
  const raw = 'SQLite: raw text, rules only'
  rows.push(await answer(raw, { location: workspace.folder('raw'), read }))
  rows.push(newestMatches(world))
  const machine = describeMachine(lookAtMachine(workspace.path, loadBefore))
  const read1 = extractionShare(world, extracted)
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ machine, seed, rows: rows.map(toShares), extraction: read1 }, null, 2)}\n`
      : toText(machine, rows, read1),
  )
  const isFresh = rows
    .filter(({ name }) => name.endsWith('given'))
    .every(
      ({ now, asOf, knownAt }) =>
        toShare(now).mean >= 99 && [...asOf, ...knownAt].every((right) => right === 1),
    )
  if (!isFresh) process.exitCode = 1
}

/** Tells the world and asks everything at its time. */
async function answer(
  name: string,
  given: {
    readonly location: string
    readonly read: (telling: Telling) => Statement | null
  },
): Promise<Row> {
  process.stderr.write(`freshness: ${name}\n`)
  await using memory = await openFactMemory(await openStore({ location: given.location }))
  const right: Record<keyof Omit<Row, 'name'>, number[]> = {
    now: [],
    asked: [],
    asOf: [],
    knownAt: [],
  }
  let told = 0
  for (const question of world.questions) {
    for (const telling of world.tellings.slice(told, question.after)) {
      const statement = given.read(telling)
      if (statement !== null) await memory.state(telling.day, statement)
    }
    told = Math.max(told, question.after)
    const found = await memory.look(question)
    const expected = question.answer === null ? [] : [question.answer]
    const isRight = found.join('\n') === expected.join('\n') ? 1 : 0
    if (question.kind === 'as-of') right.asOf.push(isRight)
    else if (question.kind === 'known-at') right.knownAt.push(isRight)
    else {
      right.now.push(isRight)
      if (question.answer !== null) {
        right.asked.push((await memory.ask(question)) === question.answer ? 1 : 0)
      }
    }
  }
  return { name, ...right }
}

function newestMatches({ tellings, questions }: FreshWorld): Row {
  const asked = (question: FreshQuestion): number => (askNewestMatch(tellings, question) ? 1 : 0)
  const fresh = questions.filter(({ kind, answer }) => kind === 'now' && answer !== null)
  return {
    name: 'newest of the best 5 by plain BM25',
    now: [],
    asked: fresh.map(asked),
    asOf: [],
    knownAt: [],
  }
}

/** How much of what was told the rules read as it was meant, in percent; of the plain sentences and of all. */
function extractionShare(
  { tellings }: FreshWorld,
  extracted: readonly (Statement | null)[],
): { readonly plain: Share; readonly all: Share } {
  const right = tellings.map((telling, index) => {
    const found = extracted[index]
    const keys = ['subject', 'attribute', 'value', 'since', 'until', 'isCorrection'] as const
    return found !== null && found !== undefined && keys.every((key) => found[key] === telling[key])
      ? 1
      : 0
  })
  return {
    plain: toShare(right.filter((_, index) => tellings[index]?.isPlain === true)),
    all: toShare(right),
  }
}

function toShares({ name, ...right }: Row): object {
  const shares = Object.entries(right).map(([key, values]) => [key, toShare(values)] as const)
  return { name, ...Object.fromEntries(shares) }
}

function toText(
  machine: string,
  rows: readonly Row[],
  extraction: { readonly plain: Share; readonly all: Share },
): string {
  const text = (values: readonly number[]): string => {
    const { mean, half } = toShare(values)
    return values.length === 0 ? '' : `${mean.toFixed(1)} ±${half.toFixed(1)}`
  }
  const header = ['right answers, %', 'now, by name', 'now, in words', 'as of', 'known at']
  const cells = rows.map(({ name, now, asked, asOf, knownAt }) => [
    name,
    ...[now, asked, asOf, knownAt].map(text),
  ])
  const { tellings, questions } = world
  return [
    `freshness: ${machine}`,
    `Seed ${seed}: ${tellings.length} statements about ${new Set(tellings.map(({ subject, attribute }) => `${subject} ${attribute}`)).size} subjects and attributes, ${questions.length} questions. The half-widths are 95 % bootstrap intervals.`,
    '',
    renderTable(header, cells, new Set([1, 2, 3, 4])),
    '',
    `Rules read ${extraction.plain.mean.toFixed(1)} % of the plain sentences and ${extraction.all.mean.toFixed(1)} % of all as they were meant. Sentences and rules come from the same hand: what people write is read less.`,
    '',
  ].join('\n')
}
