import type { Agent } from '../../src/domain/agent.ts'
import type { ConversationItem } from '../../src/domain/conversation.ts'
import { defaultConversationId } from '../../src/domain/identifier.ts'
import type { RunEvent } from '../../src/domain/run.ts'
import { defaultScope } from '../../src/domain/scope.ts'
import { createAgentSearch } from '../../src/memory/search/create-agent-search.ts'
import type { Store } from '../../src/storage/store.ts'
import type { Aftermath } from './check-invariants.ts'
import type { Interventions } from './operators.ts'
import type { OutsideWorld } from './world.ts'

/** Where the aftermath is read from. */
export interface AftermathSources {
  readonly shared: Store
  readonly world: OutsideWorld
  readonly acknowledged: ReadonlyMap<string, string>
  readonly done: Interventions
  readonly inputs: readonly { readonly otid: string; readonly agent: Agent }[]
}

const everything = { limit: 1000, order: 'asc' } as const

/** Reads everything that the promises speak of. */
export async function readAftermath(sources: AftermathSources): Promise<Aftermath> {
  const { shared, world, acknowledged, done } = sources
  const steps = await shared.listSteps(defaultScope, { page: everything })
  const runs = await shared.listRuns(defaultScope, { filter: {}, page: everything })
  const events: Record<string, readonly RunEvent[]> = {}
  for (const { id } of runs) {
    events[id] = await shared.listEvents(defaultScope, { runId: id, after: 0, limit: 1000 })
  }
  const agents = await shared.listAgents(defaultScope, {
    filter: {},
    page: { ...everything, orderBy: 'createdAt' },
  })
  const items: Record<string, readonly ConversationItem[]> = {}
  const messages = []
  const uncovered: string[] = []
  const passages: string[] = []
  for (const agent of agents) {
    const conversationId = defaultConversationId(agent.id)
    items[conversationId] = await shared.listItems(defaultScope, {
      conversationId,
      fromPosition: 0,
      limit: 1000,
    })
    uncovered.push(...(await findUncovered(shared, conversationId, items[conversationId])))
    messages.push(
      ...(await shared.listMessages(defaultScope, { agentId: agent.id, ...everything })),
    )
    const found = await shared.listPassages(defaultScope, { agentId: agent.id, ...everything })
    passages.push(...found.map(({ text }) => text))
  }
  const blocks = await shared.listBlocks(defaultScope, { filter: {}, page: everything })
  const notFound = await findUnsearchable(sources)
  return {
    acknowledged,
    messages,
    items,
    runs,
    steps,
    done,
    events,
    blocks,
    passages,
    letters: world.letters,
    uncovered,
    notFound,
  }
}

async function findUncovered(
  shared: Store,
  conversationId: string,
  items: readonly ConversationItem[],
): Promise<readonly string[]> {
  const { viewFrom, systemMessageId } = await shared.getConversation(defaultScope, {
    id: conversationId,
  })
  const said = items.flatMap((item) => (item.kind === 'message' ? [item] : []))
  const covered = new Set<string>()
  for (const { message } of said) {
    if (message.role !== 'summary') continue
    const query = { summaryId: message.id, after: 0, limit: 1000 }
    const sources = await shared.listSummarySources(defaultScope, query)
    for (const source of sources) covered.add(source.message.id)
  }
  return said.flatMap(({ position, message }) =>
    position >= viewFrom || message.id === systemMessageId || covered.has(message.id)
      ? []
      : [message.id],
  )
}

async function findUnsearchable(sources: AftermathSources): Promise<readonly string[]> {
  const missing: string[] = []
  for (const { otid, agent } of sources.inputs) {
    const text = sources.acknowledged.get(otid)
    if (text === undefined) continue
    const search = createAgentSearch({
      store: sources.shared,
      scope: defaultScope,
      agentId: agent.id,
      timezone: agent.timezone,
      now: 0,
    })
    const filters = { roles: ['user'] as const, from: null, until: null, excludeIds: [] }
    const { hits } = await search.messages({ text, ...filters, limit: 20 })
    if (!hits.some(({ item }) => item.otid === otid)) missing.push(otid)
  }
  return missing
}
