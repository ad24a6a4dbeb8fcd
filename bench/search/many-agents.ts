import { createAgentSearch } from '../../src/memory/search/create-agent-search.ts'
import { messageEntry } from '../../src/memory/search/search-entry.ts'
import { createTextMemory } from '../../src/memory/search/text-memory.ts'
import { World } from '../../src/storage/conformance/world.ts'
import { openStore } from '../../src/storage/open-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { heldMemory, residentMemory } from '../harness/process-figures.ts'
import { atMost, toFigure, type Figure } from '../harness/report.ts'
import { fillElsewhere } from '../scale/fill-elsewhere.ts'
import { cloneId, type Template } from '../scale/template.ts'
import { time, toQuery } from './measure-agent.ts'
import type { PlainSearch } from './plain-search.ts'

/** The most agents that are searched: what their texts take is more than a process may hold of them. */
export const mostSearched = 220

/** So many agents are searched before anything counts. */
const warmUp = 10

/** How many agents are given further messages, and how many each gets in one transaction. */
const [givenAgents, givenMessages] = [20, 100]

/** By how much a process may grow, in MB: twice what it may hold of texts, as what was let go is collected later. */
const mostGrowth = 128

/** By how much what it holds may grow, in MB: by the texts, and a quarter more for all else. */
const mostHeld = 80

/** A database with many agents, and what it is compared with. */
export interface ManyAgents {
  readonly name: string
  readonly location: string
  readonly template: Template
  readonly agents: number
  /** Where the texts of one agent are put alone; empty. */
  readonly plain: PlainSearch
}

/**
 * Fills a database with agents that have as many messages each, searches some of them, each twice, and tells them more.
 * The memory is that of this process, so without the server of PostgreSQL.
 */
export async function measureManyAgents(given: ManyAgents): Promise<Figure[]> {
  const { name, location, template, agents, plain } = given
  await fillElsewhere({ location, template, agents })
  await plain.add(template.texts)
  const store = await openStore({ location })
  try {
    const found = await searchSome(given, store)
    const { stored, added } = await tellSome(given, store)
    return [
      ...toSearchFigures(name, found),
      ...toMemoryFigures(name, found.memory),
      ...toHeldFigures(name, found.held),
      toFigure({
        name: `stored, ${name}`,
        unit: 'ms',
        samples: stored,
        baseline: { name: 'the plain table', samples: added },
        targets: ({ median }) => [atMost('median', median, { value: 2, unit: 'ms' })],
      }),
    ]
  } finally {
    await store.close()
  }
}

/** How long searches took, in milliseconds, and what memory the process had before them and after each, in MB. */
interface Searched {
  readonly first: number[]
  readonly again: number[]
  readonly beside: number[]
  readonly memory: { readonly before: number; readonly after: number[] }
  /** What it held without garbage before them, after half of the agents and after all, in MB. */
  readonly held: number[]
}

async function searchSome(
  { template, agents, plain }: ManyAgents,
  store: Store,
): Promise<Searched> {
  const { scope, searches } = template
  const words = [searches.common[1] ?? '', ...searches.rare]
  const texts = createTextMemory()
  const searched = Math.min(mostSearched, agents)
  const after: number[] = []
  const found: Searched = {
    first: [],
    again: [],
    beside: [],
    memory: { before: residentMemory(process.pid), after },
    held: [heldMemory()],
  }
  for (let count = 0; count < searched; count += 1) {
    const agentId = cloneId(template, 1 + Math.floor(((count + 0.5) / searched) * agents))
    const place = { store, texts, scope, agentId, now: Date.now(), timezone: 'UTC' }
    const search = createAgentSearch(place)
    const query = toQuery(words.join(' '))
    const taken = [
      await time(() => search.messages(query)),
      await time(() => search.messages(query)),
      await time(() => plain.find(words)),
    ] as const
    after.push(residentMemory(process.pid))
    if (count + 1 === Math.ceil(searched / 2) || count + 1 === searched) {
      found.held.push(heldMemory())
    }
    if (count < warmUp) continue
    found.first.push(taken[0])
    found.again.push(taken[1])
    found.beside.push(taken[2])
  }
  return found
}

/** How long it takes to store one message of a batch, in milliseconds. */
async function tellSome(
  { template, agents, plain }: ManyAgents,
  store: Store,
): Promise<{ readonly stored: number[]; readonly added: number[] }> {
  const world = new World(store, template.scope)
  const said = template.texts.slice(0, givenMessages)
  const [stored, added]: [number[], number[]] = [[], []]
  for (let count = 0; count < Math.min(givenAgents, agents); count += 1) {
    const agentId = cloneId(template, 1 + Math.floor((count / givenAgents) * agents))
    const agent = await store.getAgent(world.scope, { id: agentId })
    const conversation = world.conversationOf(agent)
    const messages = said.map((text) => {
      const { message } = world.message(agent, text, { conversationId: conversation.id })
      return { message, entry: messageEntry(message, { timezone: 'UTC' }) }
    })
    const start = { conversation, messages: [] }
    const input = { agentId, importId: conversation.id, start, messages, at: world.at() }
    stored.push((await time(() => store.importMessages(world.scope, input))) / said.length)
    added.push((await time(() => plain.add(said))) / said.length)
  }
  return { stored, added }
}

function toSearchFigures(name: string, { first, again, beside }: Searched): Figure[] {
  const baseline = { name: 'the plain query, one agent alone', samples: beside }
  return [
    toFigure({ name: `an agent's first search, ${name}`, unit: 'ms', samples: first, baseline }),
    toFigure({
      name: `its second, ${name}`,
      unit: 'ms',
      samples: again,
      baseline,
      targets: ({ median }) => [atMost('median', median, { value: 5, unit: 'ms' })],
    }),
  ]
}

function toMemoryFigures(name: string, { before, after }: Searched['memory']): Figure[] {
  const growth = after.map((memory) => memory - before)
  return [
    toFigure({ name: `memory before searches, ${name}`, unit: 'MB', samples: [before] }),
    toFigure({
      name: `growth after each agent, ${name}`,
      unit: 'MB',
      samples: growth,
      targets: ({ max }) => [atMost('max', max, { value: mostGrowth, unit: 'MB' })],
    }),
    toFigure({ name: `growth after the last, ${name}`, unit: 'MB', samples: growth.slice(-1) }),
  ]
}

function toHeldFigures(name: string, [before = 0, ...after]: readonly number[]): Figure[] {
  return after.map((held, index) =>
    toFigure({
      name: `held more after ${index === 0 ? 'half of the agents' : 'all'}, ${name}`,
      unit: 'MB',
      samples: [held - before],
      targets: ({ max }) => [atMost('max', max, { value: mostHeld, unit: 'MB' })],
    }),
  )
}
