// How much of what answers a question is found in chats of weeks, without any model, through the REST API.
import { parseOptions } from '../scripts/read-options.ts'
import {
  createTestDatabase,
  hasPostgres,
  preparePostgres,
  type TestDatabase,
} from '../test/setup/postgres-server.ts'
import { currentLoad, describeMachine, lookAtMachine } from './harness/machine.ts'
import { formatNumber, renderTable } from './harness/table.ts'
import { createWorkspace } from './harness/workspace.ts'
import { measureAbstention, type Abstention } from './locomo/abstention.ts'
import { openMemory, type MemoryUnderTest } from './locomo/memory-under-test.ts'
import { measureRecall, type RecallFigures } from './locomo/recalled.ts'
import { missingData, readChats, type Chat } from './locomo/read-chats.ts'
import { measures, toShare, type QuestionScore, type Share } from './locomo/score.ts'
import { fillFullText } from './locomo/full-text.ts'
import { askAll, strategies } from './locomo/strategies.ts'
import { openPlainPostgres, openPlainSqlite, type PlainSearch } from './search/plain-search.ts'

const options = parseOptions({
  data: { type: 'string' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  build: { type: 'boolean', default: true },
  engine: { type: 'string', default: 'both' },
})

/** One row of the table: a way to search on one engine. */
interface Row {
  readonly name: string
  readonly scores: readonly QuestionScore[]
}

const given = readChats(options.data)
if (given === null) {
  process.stdout.write(missingData)
  if (options.data !== undefined) process.exitCode = 1
} else {
  await measure(given)
}

async function measure(all: readonly Chat[]): Promise<void> {
  const chats = options.quick ? all.slice(0, 1) : all
  const loadBefore = currentLoad()
  using workspace = createWorkspace()
  const rows: Row[] = []
  const abstentions: (Abstention & { readonly name: string })[] = []
  const recalls: (RecallFigures & { readonly name: string })[] = []
  const imports: string[] = []
  const run = async (
    engine: string,
    location: string,
    openPlain: () => Promise<PlainSearch>,
  ): Promise<void> => {
    await using memory = await openMemory(location)
    await using fullText = await fillFullText(chats, openPlain)
    imports.push(`${engine}: ${await bringIn(memory, chats)}`)
    for (const { name, ask, isBaseline } of strategies) {
      if (isBaseline === true && rows.some((row) => row.name === name)) continue
      process.stderr.write(`locomo: ${engine}, ${name}\n`)
      const scores = await askAll(chats, (chat, question) =>
        ask({ memory, fullText, chat, question }),
      )
      rows.push({ name: isBaseline === true ? name : `${engine}: ${name}`, scores })
    }
    abstentions.push({ name: engine, ...(await measureAbstention(memory, chats)) })
    recalls.push({ name: engine, ...(await measureRecall(memory, chats)) })
  }
  if (options.engine !== 'postgres') {
    const openPlain = (): Promise<PlainSearch> => Promise.resolve(openPlainSqlite(':memory:'))
    await run('SQLite', workspace.folder('data'), openPlain)
  }
  if (options.engine !== 'embedded' && hasPostgres()) {
    const stop = await preparePostgres(workspace.folder('server'))
    const database = await createTestDatabase()
    const tables: TestDatabase[] = []
    await run('PostgreSQL', database.url, async () => {
      const table = await createTestDatabase()
      tables.push(table)
      return await openPlainPostgres(table.url)
    })
    for (const each of [database, ...tables]) await each.remove()
    await stop()
  }
  const machine = describeMachine(lookAtMachine(workspace.path, loadBefore))
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ machine, rows: rows.map(toSummary), abstentions, recalls, imports }, null, 2)}\n`
      : toText({ machine, rows, abstentions, recalls, imports, chats }),
  )
}

async function bringIn(memory: MemoryUnderTest, chats: readonly Chat[]): Promise<string> {
  let [milliseconds, turns] = [0, 0]
  for (const chat of chats) {
    milliseconds += await memory.bringIn(chat)
    turns += chat.turns.length
  }
  return `${turns} turns brought in, ${formatNumber(milliseconds / turns)} ms each`
}

function toSummary({ name, scores }: Row): object {
  const share = (pick: (score: QuestionScore) => number): Share => toShare(scores.map(pick))
  const byMeasure = measures.map((measure) => [measure, share((score) => score[measure])] as const)
  const byCategory = [1, 2, 3, 4, 5].map((category) => [category, categoryShare(scores, category)])
  return { name, ...Object.fromEntries(byMeasure), byCategory: Object.fromEntries(byCategory) }
}

function categoryShare(scores: readonly QuestionScore[], category: number): Share {
  const own = scores.filter((score) => score.category === category)
  return toShare(own.map(({ turn10 }) => turn10))
}

function toText(found: {
  readonly machine: string
  readonly rows: readonly Row[]
  readonly abstentions: readonly (Abstention & { readonly name: string })[]
  readonly recalls: readonly (RecallFigures & { readonly name: string })[]
  readonly imports: readonly string[]
  readonly chats: readonly Chat[]
}): string {
  const { rows, chats } = found
  const questions = chats.reduce((sum, chat) => sum + chat.questions.length, 0)
  const text = ({ mean, half }: Share): string => `${mean.toFixed(1)} ±${half.toFixed(1)}`
  const header = ['turns, %', 'R@1', 'R@5', 'R@10', 'all@10', 'session Hit@1', 'R@5', 'NDCG@5']
  const main = rows.map(({ name, scores }) => [
    name,
    ...measures.map((measure) => text(toShare(scores.map((score) => score[measure])))),
  ])
  const kinds = ['R@10 by category', '1 several', '2 time', '3 inference', '4 one', '5 adversarial']
  const byKind = rows.map(({ name, scores }) => [
    name,
    ...[1, 2, 3, 4, 5].map((category) => text(categoryShare(scores, category))),
  ])
  const columns = new Set([1, 2, 3, 4, 5, 6, 7])
  const abstained = found.abstentions.map(({ name, precision, recall, count }) => [
    name,
    text(precision),
    text(recall),
    String(count),
  ])
  const recalled = found.recalls.map(({ name, answers, all, extracts, tokens }) => [
    name,
    text(answers),
    text(all),
    extracts.toFixed(1),
    tokens.toFixed(0),
  ])
  const recallHeader = ['shown by automatic recall, %', 'answers', 'all', 'extracts', 'tokens']
  return [
    `locomo: ${chats.length} chats, ${questions} questions, on ${found.machine}`,
    '',
    renderTable(header, main, columns),
    '',
    renderTable(kinds, byKind, columns),
    '',
    renderTable(['"nothing matches well"', 'precision', 'recall', 'questions'], abstained, columns),
    '',
    renderTable(recallHeader, recalled, columns),
    '',
    ...found.imports.map((line) => `- ${line}`),
    '- ±: half of the 95 % interval, bootstrap over questions, seed 1.',
    '- Sessions rank by their best turn. Unanswerable questions are those of another chat with the names exchanged.',
    '',
  ].join('\n')
}
