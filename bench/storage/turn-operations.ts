import type { Agent } from '../../src/domain/agent.ts'
import { defaultConversationId } from '../../src/domain/identifier.ts'
import type { KnownItems } from '../../src/storage/contract/turn-store.ts'
import type { World } from '../../src/storage/conformance/world.ts'

/** Measures one call of an operation under a name; what only reads may be called more than once. */
export type Measure = <Result>(
  name: string,
  call: () => Promise<Result>,
  kind: 'read' | 'write',
) => Promise<Result>

const answer =
  'You told me that the drone hub is to stand on the roof, that it charges four drones at once, and that the first flight is planned for spring.'

/** The operations of one turn of an agent, as the runtime calls them; returns what the next one knows. */
export async function runTurn(
  world: World,
  turn: { readonly agent: Agent; readonly known: KnownItems | null; readonly measure: Measure },
): Promise<KnownItems> {
  const { store, scope } = world
  const { agent, known, measure } = turn
  const input = world.input(agent, 'What do you remember of the drone hub on the roof?')
  const conversationId = defaultConversationId(agent.id)
  const place = { id: conversationId }
  await measure(
    'getConversationWithAgent',
    () => store.getConversationWithAgent(scope, place),
    'read',
  )
  await measure('acceptInput', () => store.acceptInput(scope, input), 'write')
  const at = world.at()
  const { owner } = store.description
  const claim = { conversationId, owner, at, until: at + 15_000, known }
  const claimed = await measure('claimWork', () => store.claimWork(scope, claim), 'write')
  if (claimed.state !== 'claimed') throw new Error('The conversation was not to be had')
  const { lease, work } = claimed
  const runId = work.run.id
  const text = (part: string) =>
    ({ type: 'text-delta', messageId: 'm', stepId: 's', text: part }) as const
  const events = { lease, runId, events: [text(answer.slice(0, 50)), text(answer.slice(50))], at }
  await measure('appendEvents', () => store.appendEvents(scope, events), 'write')
  const tail = {
    kind: 'tail',
    position: work.tailPosition,
    text: 'It is Sunday, 22 November 2026, 12:00.',
    sources: [],
    createdAt: at,
  } as const
  const step = world.stepCommit(lease, work, { text: answer, tail })
  const { item } = await measure('commitStep', () => store.commitStep(scope, step), 'write')
  return { through: item?.position ?? 0, fence: lease.fence }
}

/** Reads as an API and a search tool make them. */
export async function readMuch(world: World, agent: Agent, measure: Measure): Promise<void> {
  const { store, scope } = world
  const newest = { agentId: agent.id, limit: 100, order: 'desc' } as const
  await measure('listMessages (newest 100)', () => store.listMessages(scope, newest), 'read')
  const search = {
    agentId: agent.id,
    terms: ['drone', 'roof', 'spring'],
    roles: ['user', 'assistant'],
    from: null,
    until: null,
    excludeIds: [],
    limit: 300,
  } as const
  await measure(
    'searchMessages (300 candidates)',
    () => store.searchMessages(scope, search),
    'read',
  )
}
