// The ranking alone on the chats of locomo, in seconds; with --save and --against, what a change of it does.
import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { parseOptions } from '../scripts/read-options.ts'
import { createAssistantChat } from '../src/testing/assistant-chat.ts'
import { renderTable } from './harness/table.ts'
import { compareScores } from './locomo/paired.ts'
import { createPlainBm25 } from './locomo/plain-bm25.ts'
import { createRankTurns } from './locomo/rank-turns.ts'
import { missingData, readChats, type Chat } from './locomo/read-chats.ts'
import { measures, scoreRanking, toShare, type QuestionScore, type Share } from './locomo/score.ts'

const options = parseOptions({
  data: { type: 'string' },
  save: { type: 'string' },
  against: { type: 'string' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  build: { type: 'boolean', default: true },
})

/** How many hits are looked at, as `bench/locomo.ts` asks for. */
const hits = 100
/** Whose talks with an assistant guard the ranking: gains among named people must not cost anything there. */
const guardSeeds = [1, 2, 3]
/** So many that some sound alike: with 80 nearly all that is asked for stands first, and nothing can be seen. */
const guardExchanges = 800

/** The guard's figures: hits at 1, 5 and 10. */
interface Guard {
  readonly ours: readonly Share[]
  readonly plain: readonly Share[]
}

const scoresSchema = z.array(
  z.object({
    category: z.number(),
    chat: z.string(),
    turn1: z.number(),
    turn5: z.number(),
    turn10: z.number(),
    all10: z.number(),
    session1: z.number(),
    session5: z.number(),
    sessionNdcg5: z.number(),
  }),
)

const chats = readChats(options.data)
if (chats === null) {
  process.stdout.write(missingData)
  if (options.data !== undefined) process.exitCode = 1
} else {
  const begun = performance.now()
  const scores = (options.quick ? chats.slice(0, 1) : chats).flatMap(rankChat)
  const seconds = (performance.now() - begun) / 1000
  if (options.save !== undefined) writeFileSync(options.save, JSON.stringify(scores))
  const before =
    options.against === undefined
      ? null
      : scoresSchema.parse(JSON.parse(readFileSync(options.against, 'utf8')))
  const guard = measureGuard()
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ scores, guard }, null, 2)}\n`
      : toText({ scores, before, guard, seconds }),
  )
}

function rankChat({ id, turns, questions }: Chat): readonly QuestionScore[] {
  const said = turns.map((turn) => ({ ...turn, role: 'user' as const, name: turn.speaker }))
  const rankTurns = createRankTurns(said, said.at(-1)?.at ?? 0)
  return questions.map((question) => scoreRanking(question, id, rankTurns(question.text, hits)))
}

/** Hit@1, @5 and @10 in made-up talks of a user and an assistant, who have no names, in percent, and of plain BM25 beside it. */
function measureGuard(): Guard {
  const [ours, plain]: [number[], number[]] = [[], []]
  for (const seed of guardSeeds) {
    const { turns, questions } = createAssistantChat(seed, guardExchanges)
    const said = turns.map((turn, index) => {
      return { ...turn, id: String(index), name: null, at: index * 60_000, session: 0 }
    })
    const rankTurns = createRankTurns(said, turns.length * 60_000)
    const rankPlainly = createPlainBm25(said.map((turn) => ({ ...turn, speaker: '' })))
    for (const { text, answer } of questions) {
      ours.push(rankTurns(text, 10).indexOf(String(answer)))
      plain.push(rankPlainly(text).slice(0, 10).indexOf(String(answer)))
    }
  }
  const shares = (places: readonly number[]): readonly Share[] =>
    [1, 5, 10].map((limit) =>
      toShare(places.map((place) => (place !== -1 && place < limit ? 1 : 0))),
    )
  return { ours: shares(ours), plain: shares(plain) }
}

function toText(found: {
  readonly scores: readonly QuestionScore[]
  readonly before: readonly QuestionScore[] | null
  readonly guard: Guard
  readonly seconds: number
}): string {
  const { scores, before, guard } = found
  const points = (value: number): string => value.toFixed(1)
  const toPoints = (shares: readonly Share[]): string =>
    shares.map(({ mean, half }) => `${points(mean)} ±${points(half)}`).join(' / ')
  const rows = measures.map((measure) => {
    const { mean, half } = toShare(scores.map((score) => score[measure]))
    const own = [measure, `${points(mean)} ±${points(half)}`]
    if (before === null) return own
    const gain = compareScores(before, scores, measure)
    const interval = `${gain.mean.toFixed(2)} [${gain.low.toFixed(2)}, ${gain.high.toFixed(2)}]`
    return [...own, interval, gain.byChat.map(points).join(' ')]
  })
  const byCategory = [1, 2, 3, 4, 5].map((category) => {
    const own = scores.filter((score) => score.category === category)
    return `${category}: ${points(toShare(own.map(({ turn10 }) => turn10)).mean)}`
  })
  const header = ['%', 'now', ...(before === null ? [] : ['gain, 95 % interval', 'by chat'])]
  return [
    `locomo-ranking: ${scores.length} questions in ${points(found.seconds)} s, all turns scored`,
    '',
    renderTable(header, rows, new Set([1, 2, 3])),
    '',
    `- turn10 by category: ${byCategory.join(', ')}`,
    `- guard, made-up talks with an assistant: hit at 1 / 5 / 10 ${toPoints(guard.ours)}; plain BM25 ${toPoints(guard.plain)}`,
    '- intervals: bootstrap over questions, seed 1; gains compare each question with itself.',
    '',
  ].join('\n')
}
