import { createAgentSearch } from '../../src/memory/search/create-agent-search.ts'
import { createTextMemory } from '../../src/memory/search/text-memory.ts'
import { openStore } from '../../src/storage/open-store.ts'
import { atMost, toFigure, type Figure } from '../harness/report.ts'
import { fill } from '../scale/fill.ts'
import { cloneId, type Template } from '../scale/template.ts'
import { time, toQuery } from './measure-agent.ts'

/** The most agents that are searched. */
const mostSearched = 40

/** Fills a database with agents that have as many messages each, and searches some of them, each twice. */
export async function measureManyAgents(given: {
  readonly name: string
  readonly location: string
  readonly template: Template
  readonly agents: number
}): Promise<Figure[]> {
  const { name, location, template, agents } = given
  await fill({ location, template, agents, progress: () => undefined })
  const store = await openStore({ location })
  const { scope, searches } = template
  const [first, again]: [number[], number[]] = [[], []]
  const texts = createTextMemory()
  const text = [searches.common[1], ...searches.rare].join(' ')
  const searched = Math.min(mostSearched, agents)
  for (let count = 0; count < searched; count += 1) {
    const agentId = cloneId(template, 1 + Math.floor(((count + 0.5) / searched) * agents))
    const place = { store, texts, scope, agentId, now: Date.now(), timezone: 'UTC' }
    const search = createAgentSearch(place)
    first.push(await time(() => search.messages(toQuery(text))))
    again.push(await time(() => search.messages(toQuery(text))))
  }
  await store.close()
  return [
    toFigure({ name: `an agent's first search, ${name}`, unit: 'ms', samples: first.slice(5) }),
    toFigure({
      name: `its second, ${name}`,
      unit: 'ms',
      samples: again.slice(5),
      targets: ({ median }) => [atMost('median', median, { value: 5, unit: 'ms' })],
    }),
  ]
}
