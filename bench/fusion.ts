// Whether a search with vectors ever finds less than words alone, with embedders from good to wrong; no chat model anywhere.
import { setImmediate } from 'node:timers/promises'
import { parseOptions } from '../scripts/read-options.ts'
import { createEmbedderSource } from '../src/llm/embedder.ts'
import { createDoubles, type NamedEmbedder } from './fusion/embedders.ts'
import { currentLoad, describeMachine, lookAtMachine } from './harness/machine.ts'
import { renderTable } from './harness/table.ts'
import { createWorkspace } from './harness/workspace.ts'
import { createAssistantChats } from './locomo/assistant-chats.ts'
import { openMemory, type PluggedIn } from './locomo/memory-under-test.ts'
import { compareScores } from './locomo/paired.ts'
import { missingData, readChats, type Chat } from './locomo/read-chats.ts'
import { scoreRanking, toShare, type Measure, type QuestionScore } from './locomo/score.ts'
import { createPlainBm25 } from './locomo/plain-bm25.ts'

const options = parseOptions({
  data: { type: 'string' },
  embedder: { type: 'string' },
  model: { type: 'string', default: 'vllm/embedder' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  build: { type: 'boolean', default: true },
})

/** One way to search, with how often nearness counted and how much, in the mean. */
interface Row {
  readonly name: string
  readonly scores: readonly QuestionScore[]
  readonly weight: number | null
}

const shown: readonly Measure[] = ['turn1', 'turn10', 'all10']
const chats = readChats(options.data)
const notes = `- gain: each question compared with itself by words alone, in points, 95 % interval (bootstrap over questions, seed 1).
- loss: a gain whose interval lies below 0; one makes the exit code 1.
- weight: what the nearest text gains, in the mean over the questions; 0.2 is the most.
- Embedders without a model read words only. “Said together” is random indexing over the texts of the same chats.
`

if (chats === null) process.stderr.write(missingData)
if (chats === null && options.data !== undefined) process.exitCode = 1
else await measure()

async function measure(): Promise<void> {
  const loadBefore = currentLoad()
  using workspace = createWorkspace()
  const sets: (readonly [string, readonly Chat[]])[] = [
    ['user and assistant, made up', createAssistantChats(options.quick ? [1] : [1, 2, 3, 4, 5, 6])],
  ]
  if (chats !== null) sets.push(['LoCoMo', options.quick ? chats.slice(0, 1) : chats])
  const found: { readonly set: string; readonly rows: readonly Row[] }[] = []
  for (const [set, given] of sets) {
    const rows: Row[] = [toPlain(given)]
    const plugged = [null, ...createDoubles(given), ...realEmbedder()]
    for (const [index, embedder] of plugged.entries()) {
      const name = embedder === null ? 'words alone' : embedder.name
      process.stderr.write(`fusion: ${set}, ${name}\n`)
      const folder = workspace.folder(`${set.slice(0, 4)}-${index}`)
      rows.push({ name, ...(await askAll(folder, given, embedder ?? undefined)) })
    }
    found.push({ set, rows })
  }
  const machine = describeMachine(lookAtMachine(workspace.path, loadBefore))
  const isNeverBelow = found.every(({ rows }) => lossesOf(rows).length === 0)
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ machine, found: found.map(toSummary) }, null, 2)}\n`
      : `fusion: ${machine}\n\n${found.map(toText).join('\n')}${notes}`,
  )
  if (!isNeverBelow) process.exitCode = 1
}

/** An endpoint that was named, as an operator would configure it. */
function realEmbedder(): readonly NamedEmbedder[] {
  const { embedder: url, model: handle } = options
  if (url === undefined) return []
  const embedders = createEmbedderSource({
    providers: [],
    defaultModel: null,
    routes: [{ pattern: handle, url }],
  })
  return [{ name: `the endpoint, ${handle}`, handle, embedders }]
}

async function askAll(
  folder: string,
  given: readonly Chat[],
  plugged?: PluggedIn,
): Promise<Omit<Row, 'name'>> {
  await using memory = await openMemory(folder, plugged)
  const scores: QuestionScore[] = []
  let weight = 0
  for (const chat of given) {
    // A store in this process never waits, and the endpoint's closing of connections would go unnoticed.
    await setImmediate()
    await memory.bringIn(chat)
    for (const question of chat.questions) {
      const found = await memory.search(chat, question.text, 'all')
      if (found.denseFailure !== null) throw new Error(found.denseFailure)
      scores.push(scoreRanking(question, chat.id, found.ids))
      weight += found.denseWeight
    }
  }
  return { scores, weight: plugged === undefined ? null : weight / scores.length }
}

function toPlain(given: readonly Chat[]): Row {
  const scores = given.flatMap((chat) => {
    const search = createPlainBm25(chat.turns)
    return chat.questions.map((question) => scoreRanking(question, chat.id, search(question.text)))
  })
  return { name: 'plain BM25', scores, weight: null }
}

/** The measures of embedders that are below words alone for certain. */
function lossesOf(rows: readonly Row[]): readonly string[] {
  const [, words, ...fused] = rows
  return fused.flatMap(({ name, scores }) =>
    shown
      .filter((measure) => compareScores(words?.scores ?? [], scores, measure).high < 0)
      .map((measure) => `${name}: ${measure}`),
  )
}

function toSummary({ set, rows }: { readonly set: string; readonly rows: readonly Row[] }): object {
  const summary = rows.map(({ name, scores, weight }) => ({
    name,
    weight,
    ...Object.fromEntries(
      shown.map((measure) => [
        measure,
        {
          ...toShare(scores.map((score) => score[measure])),
          gain: weight === null ? null : compareScores(rows[1]?.scores ?? [], scores, measure),
        },
      ]),
    ),
  }))
  return { set, rows: summary, losses: lossesOf(rows) }
}

function toText({ set, rows }: { readonly set: string; readonly rows: readonly Row[] }): string {
  const table = rows.map(({ name, scores, weight }) => [
    name,
    ...shown.flatMap((measure) => {
      const { mean, half } = toShare(scores.map((score) => score[measure]))
      const gain = compareScores(rows[1]?.scores ?? [], scores, measure)
      return [
        `${mean.toFixed(1)} ±${half.toFixed(1)}`,
        weight === null
          ? ''
          : `${gain.mean.toFixed(2)} [${gain.low.toFixed(2)}, ${gain.high.toFixed(2)}]`,
      ]
    }),
    weight === null ? '' : weight.toFixed(3),
  ])
  const header = [set, 'R@1', 'gain', 'R@10', 'gain', 'all@10', 'gain', 'weight']
  const losses = lossesOf(rows)
  return [
    `${rows[0]?.scores.length ?? 0} questions`,
    renderTable(header, table, new Set([1, 2, 3, 4, 5, 6, 7])),
    losses.length === 0 ? 'ok      nothing is below words alone' : `FAILED  ${losses.join('; ')}`,
    '',
  ].join('\n')
}
