import { analyseQuery } from '../../src/memory/analysis/analyse.ts'
import type { FullText } from './full-text.ts'
import type { MemoryUnderTest } from './memory-under-test.ts'
import { createPlainBm25 } from './plain-bm25.ts'
import type { Chat, Question } from './read-chats.ts'
import { scoreRanking, type QuestionScore } from './score.ts'

/** What a strategy is asked. */
export interface Asked {
  readonly memory: MemoryUnderTest
  readonly fullText: FullText
  readonly chat: Chat
  readonly question: Question
}

/** A way to rank the turns of a chat for a question. */
export interface Strategy {
  readonly name: string
  /** Whether the engine plays no part in it. */
  readonly isBaseline?: boolean
  ask(asked: Asked): Promise<readonly string[]>
}

const plain = new WeakMap<Chat, (query: string) => readonly string[]>()

/** The baselines, then the product, then what may be built on it for questions that need several turns. */
export const strategies: readonly Strategy[] = [
  {
    name: 'plain BM25',
    isBaseline: true,
    ask: ({ chat, question }) => {
      const search = plain.get(chat) ?? createPlainBm25(chat.turns)
      plain.set(chat, search)
      return Promise.resolve(search(question.text))
    },
  },
  {
    name: "the engine's full-text",
    ask: async ({ fullText, chat, question }) => await fullText.find(chat, question.text),
  },
  { name: 'the choice of candidates alone', ask: askChoice },
  { name: 'through the index', ask: async (asked) => await askProduct(asked, 'index') },
  { name: 'all scored', ask: async (asked) => await askProduct(asked, 'all') },
  { name: 'all scored + a second round for what is missing', ask: askTwice },
  { name: 'all scored, at most 3 of a session', ask: askSpread },
]

/** Asks every question of every chat. */
export async function askAll(
  chats: readonly Chat[],
  ask: (chat: Chat, question: Question) => Promise<readonly string[]>,
): Promise<readonly QuestionScore[]> {
  const scores: QuestionScore[] = []
  for (const chat of chats) {
    for (const question of chat.questions) {
      scores.push(scoreRanking(question, chat.id, await ask(chat, question)))
    }
  }
  return scores
}

/** Candidates are given as a set, so each cut is asked for by itself. */
async function askChoice({ memory, chat, question }: Asked): Promise<readonly string[]> {
  const ranked = new Set<string>()
  for (const limit of [1, 5, 10, 20, 40]) {
    for (const id of await memory.choose(chat, question.text, limit)) ranked.add(id)
  }
  return [...ranked]
}

async function askProduct(
  { memory, chat, question }: Asked,
  candidates: 'all' | 'index',
): Promise<readonly string[]> {
  return (await memory.search(chat, question.text, candidates)).ids
}

/** Looks a second time for the words of the question that the best five do not hold, and puts that after the best seven. */
async function askTwice({ memory, chat, question }: Asked): Promise<readonly string[]> {
  const first = (await memory.search(chat, question.text, 'all')).ids
  const { terms, words } = analyseQuery(question.text)
  const held = new Set(
    first.slice(0, 5).flatMap((id) => {
      const turn = chat.turns.find((other) => other.id === id)
      return turn === undefined ? [] : analyseQuery(`${turn.speaker} ${turn.text}`).terms
    }),
  )
  const missing = terms.filter((term) => !held.has(term)).flatMap((term) => words.get(term) ?? [])
  if (missing.length === 0) return first
  const named = chat.speakers.filter((name) => question.text.includes(name))
  const second = (await memory.search(chat, [...named, ...missing].join(' '), 'all')).ids
  return [...new Set([...first.slice(0, 7), ...second.slice(0, 3), ...first])]
}

/** Gives every session a chance: what several sessions tell is seldom told three times in one. */
async function askSpread({ memory, chat, question }: Asked): Promise<readonly string[]> {
  const { ids } = await memory.search(chat, question.text, 'all')
  const counts = new Map<string, number>()
  const isEarly = (id: string): boolean => {
    const session = id.split(':')[0] ?? ''
    const count = (counts.get(session) ?? 0) + 1
    counts.set(session, count)
    return count <= 3
  }
  const early = ids.filter(isEarly)
  return [...new Set([...early, ...ids])]
}
