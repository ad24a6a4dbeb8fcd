import { defaultConversationId } from '../../src/domain/identifier.ts'
import { systemScope } from '../../src/domain/scope.ts'
import type { World } from '../../src/storage/conformance/world.ts'
import { runTurn } from '../storage/turn-operations.ts'
import { cloneId, type Template } from './template.ts'

/** Calls each operation once for the agent with a number; `record` gets its time in milliseconds. */
export async function measureOnce(
  world: World,
  whose: { readonly template: Template; readonly number: number },
  record: (operation: string, milliseconds: number) => void,
): Promise<void> {
  const { store, scope } = world
  const id = cloneId(whose.template, whose.number)
  const conversationId = defaultConversationId(id)
  const page = { limit: 50, order: 'desc' } as const
  const timed = async <Result>(name: string, call: () => Promise<Result>): Promise<Result> => {
    const start = performance.now()
    const result = await call()
    record(name, performance.now() - start)
    return result
  }
  await timed('list 50 agents', () =>
    store.listAgents(scope, { filter: {}, page: { ...page, orderBy: 'createdAt' } }),
  )
  await timed('count agents', () => store.countAgents(scope, { filter: {} }))
  await timed('list 50 runs', () => store.listRuns(scope, { filter: {}, page }))
  const agent = await timed('open: agent, blocks, conversation, newest 50 messages', async () => {
    const opened = await store.getAgent(scope, { id })
    await store.listAgentBlocks(scope, { agentId: id })
    await store.getConversation(scope, { id: conversationId })
    await store.listMessages(scope, { conversationId, ...page })
    return opened
  })
  for (const [kind, terms] of Object.entries(whose.template.searches)) {
    const found = await timed(`search one agent for two ${kind} words`, () =>
      store.searchMessages(scope, {
        agentId: id,
        terms,
        roles: ['user', 'assistant'],
        from: null,
        until: null,
        excludeIds: [],
        limit: 100,
      }),
    )
    if (found.documents.length === 0) throw new Error(`Nothing was found for ${terms.join(', ')}`)
  }
  await timed('list open work', () =>
    store.listOpenWork(systemScope, { at: world.at(), limit: 100 }),
  )
  await timed('one turn', () =>
    runTurn(world, { agent, known: null, measure: (_, call) => call() }),
  )
}
