// What a long talk costs in a small window, and whether everything told is still found.
import { parseOptions } from '../scripts/read-options.ts'
import { holdTalk, type HeldTalk } from '../test/compaction/hold-talk.ts'
import { createLongTalk } from '../test/compaction/long-talk.ts'
import { beginReport } from './harness/begin-report.ts'
import { type Check, type Figure, type Target, toFigure } from './harness/report.ts'
import { createWorkspace } from './harness/workspace.ts'
import { originalTokens } from './compaction/original-rule.ts'

const options = parseOptions({
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  build: { type: 'boolean', default: true },
  turns: { type: 'string' },
  before: { type: 'string', default: '0' },
  window: { type: 'string', default: '8192' },
  seed: { type: 'string', default: '1' },
})
const turns = Number(options.turns ?? (options.quick ? 500 : 2000))
const window = Number(options.window)
const report = beginReport('compaction', options)
using workspace = createWorkspace()
const talk = createLongTalk(Number(options.seed), turns)
const before = Number(options.before)
const held = await holdTalk(talk, {
  window,
  before: createLongTalk(Number(options.seed) + 1, before / 2),
  onTurn: (turn) => {
    if (turn % 250 === 0) process.stderr.write(`compaction: turn ${turn} of ${turns}\n`)
  },
})
report.print(workspace.path, {
  figures: toFigures(held),
  checks: toChecks(held),
  notes: [
    `${turns} turns (${turns * 2} messages)${before > 0 ? ` after a history of ${before} messages` : ''} in a window of ${window} tokens, seed ${options.seed}; a fact in every tenth; scripted model and summariser, the whole app in this process, a store in memory.`,
    'Tokens are estimates of our counter, which is meant to be too high. Fresh: what follows the common beginning with the request before, which no provider can have in its cache.',
    'Full history: the same system text and tools with everything said so far. Rule of the original: evicts 40 % of the messages, or more, when the last request had 0.9 of the window, a summary of 400 tokens in their place; its own system text and tools, 1,960 tokens, counted from its public source.',
    'Found by search: among the five best of conversation_search for the question. Sent: in the request for the question, without a call of a tool.',
  ],
})

function toFigures(result: HeldTalk): readonly Figure[] {
  const { tokens, fresh, history } = result
  const original = originalTokens({ talk, window })
  const around = (message: number): [from: number, to: number] => {
    const turn = Math.floor((message - before) / 2)
    return [Math.max(0, turn - 25), Math.max(5, turn)]
  }
  const places = [10, 1000, 4000, 10_000].filter(
    (message) => message > before && message <= before + turns * 2,
  )
  const [, early] = places
  const flatAt = mean(tokens.slice(...around(early ?? 10)))
  function flat(median: number): Target {
    const growth = median / flatAt
    return { text: `growth since message ${early} ≤ 1.1x`, reached: growth <= 1.1 }
  }
  const figures = places.flatMap((message) => {
    const [from, to] = around(message)
    const ours = {
      name: `tokens of a turn at message ${message}`,
      unit: 'tokens',
      samples: tokens.slice(from, to),
    } as const
    return [
      toFigure({
        ...ours,
        baseline: { name: 'full history', samples: history.slice(from, to) },
        targets: ({ median }) => (early !== undefined && message > early ? [flat(median)] : []),
      }),
      toFigure({
        ...ours,
        baseline: { name: 'rule of the original', samples: original.slice(from, to) },
      }),
    ]
  })
  return [
    ...figures,
    toFigure({
      name: 'tokens of a turn, all turns',
      unit: 'tokens',
      samples: tokens,
      baseline: { name: 'rule of the original', samples: original },
    }),
    toFigure({
      name: 'fresh tokens of a turn, all turns',
      unit: 'tokens',
      samples: fresh,
      baseline: { name: 'all of them', samples: tokens },
    }),
    toFigure({
      name: 'summariser, tokens for each turn',
      unit: 'tokens',
      samples: [result.summaryTokens / turns],
    }),
    toFigure({
      name: 'common beginning of consecutive requests between compactions',
      unit: 'ratio',
      samples: result.commonShares,
    }),
  ]
}

function toChecks(result: HeldTalk): readonly Check[] {
  const { tokens, limit, failures, commonShares, lost, sent, found } = result
  const facts = talk.facts.length
  const most = tokens.reduce((max, each) => Math.max(max, each), 0)
  const least = commonShares.reduce((min, each) => Math.min(min, each), 1)
  return [
    {
      name: 'no request outgrows the window',
      passed: most <= limit,
      detail: `${most} of ${limit}`,
    },
    { name: 'no run fails', passed: failures.length === 0, detail: `${failures.length} failed` },
    {
      name: 'every fact told is found',
      passed: lost.length === 0,
      detail: `${facts} facts: ${sent} sent with the question, ${found} found by search, ${lost.length} by neither`,
    },
    {
      name: 'consecutive requests share 99 % of the shorter one between compactions',
      passed: least >= 0.99,
      detail: `least ${(least * 100).toFixed(2)} % of ${commonShares.length} pairs; ${result.compactions} compactions, ${result.digests} without a model`,
    },
  ]
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
