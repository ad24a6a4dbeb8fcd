import { createAgentSearch } from '../../src/memory/search/create-agent-search.ts'
import { searchConstants } from '../../src/memory/search/search-constants.ts'
import { messageEntry } from '../../src/memory/search/search-entry.ts'
import { createTextMemory } from '../../src/memory/search/text-memory.ts'
import { World } from '../../src/storage/conformance/world.ts'
import type { Store } from '../../src/storage/store.ts'
import { atMost, toFigure, type Figure } from '../harness/report.ts'
import { resultCount, type PlainSearch } from './plain-search.ts'
import { createTalk, type Talk } from './talk.ts'

const batch = 1000
const timezone = 'UTC'
const everything = 10_000_000

/** What is measured, beside what. */
export interface Subject {
  readonly name: string
  /** How many messages the agent has. */
  readonly size: number
  readonly queryCount: number
  readonly store: Store
  readonly plain: PlainSearch
}

/** Stores one agent's messages and searches them, taking turns with the plain search. */
export async function measureAgent(subject: Subject): Promise<Figure[]> {
  const { name, size, store, plain, queryCount } = subject
  const world = new World(store)
  const talk = createTalk(size)
  const { agentId, stored, added } = await bringIn(subject, world, talk)
  const texts = createTextMemory()
  const place = { store, texts, scope: world.scope, agentId, now: world.at(), timezone }
  const search = createAgentSearch(place)
  const all = createAgentSearch({ ...place, completeUpTo: everything })
  const questions = Array.from({ length: queryCount + 10 }, () => talk.question())
  const [ours, beside, overlaps]: [number[], number[], number[]] = [[], [], []]
  let first = 0
  for (const [index, text] of questions.entries()) {
    const mine = await time(() => search.messages(toQuery(text)))
    const theirs = await time(() => plain.find(text.split(' ')))
    if (index === 0) first = mine
    if (index < 10) continue
    ours.push(mine)
    beside.push(theirs)
  }
  const isChosen = size > searchConstants.completeUpTo
  const scored: number[] = []
  for (const text of isChosen ? questions.slice(0, Math.min(queryCount, 40)) : []) {
    const chosen = await idsOf(search, text)
    const start = performance.now()
    const best = new Set(await idsOf(all, text))
    scored.push(performance.now() - start)
    overlaps.push(chosen.filter((id) => best.has(id)).length / Math.max(1, best.size))
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
    toFigure({ name: `the first search, ${name}`, unit: 'ms', samples: [first] }),
    toFigure({
      name: `stored, ${name}`,
      unit: 'ms',
      samples: stored,
      baseline: { name: 'the plain table', samples: added },
      targets: (summary) => [atMost('median', summary.median, { value: 2, unit: 'ms' })],
    }),
    ...(isChosen
      ? [
          toFigure({
            name: `overlap@10 with all scored, ${name}`,
            unit: 'ratio',
            samples: [overlaps.reduce((sum, overlap) => sum + overlap, 0) / overlaps.length],
            targets: ({ median: mean }) => [{ text: '≥ 0.95', reached: mean >= 0.95 }],
          }),
          toFigure({ name: `all scored, ${name}`, unit: 'ms', samples: scored.slice(1) }),
        ]
      : []),
  ]
}

async function bringIn(
  { size, store, plain }: Subject,
  world: World,
  talk: Talk,
): Promise<{ readonly agentId: string; readonly stored: number[]; readonly added: number[] }> {
  const agent = await world.agent()
  const conversation = world.conversationOf(agent)
  const [stored, added]: [number[], number[]] = [[], []]
  for (let start = 0; start < size; start += batch) {
    const texts = Array.from({ length: Math.min(batch, size - start) }, () => talk.next())
    const messages = texts.map((text, index) => {
      const role = index % 2 === 0 ? ('user' as const) : ('assistant' as const)
      const { message } = world.message(agent, text, { role, conversationId: conversation.id })
      return { message, entry: messageEntry(message, { timezone }) }
    })
    const begun = start === 0 ? { conversation, messages: [] } : null
    const ids = { agentId: agent.id, importId: conversation.id }
    const input = { ...ids, start: begun, messages, at: world.at() }
    stored.push((await time(() => store.importMessages(world.scope, input))) / texts.length)
    added.push((await time(() => plain.add(texts))) / texts.length)
  }
  return { agentId: agent.id, stored, added }
}

/** A search of all messages of users and the agent. */
export function toQuery(
  text: string,
): Parameters<ReturnType<typeof createAgentSearch>['messages']>[0] {
  return { text, roles: [], from: null, until: null, excludeIds: [], limit: resultCount }
}

async function idsOf(
  search: ReturnType<typeof createAgentSearch>,
  text: string,
): Promise<readonly string[]> {
  const { hits } = await search.messages(toQuery(text))
  return hits.map(({ item }) => item.id)
}

/** How long a call takes, in milliseconds. */
export async function time(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await run()
  return performance.now() - start
}
