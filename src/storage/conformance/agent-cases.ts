import { expect } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import type { AgentFilter, AgentPage, NewAgent } from '../contract/agent-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import type { World } from './world.ts'

/** What engines do with agents. */
export const agentCases: readonly ConformanceCase[] = [
  {
    name: 'createAgent() stores an agent as it is given, with its blocks in prompt order',
    async run(world) {
      const shared = await world.block({ label: 'shared' })
      const own = world.newBlock({ label: 'persona' })
      const agent = await world.agent({ blockIds: [shared.id, own.id] }, [own])
      expect(agent).toMatchObject({
        name: 'Sample',
        modelSettings: { temperature: 0.5 },
        metadata: { nested: { list: [1, 'two', null] } },
        tags: ['b-tag', 'a-tag'],
        toolIds: ['tool-2', 'tool-1'],
        blockIds: [shared.id, own.id],
        secrets: { KEY: 'sealed' },
        hidden: false,
        lastRunCompletion: null,
      })
      expect(await world.store.getAgent(world.scope, { id: agent.id })).toEqual(agent)
      const blocks = await world.store.listAgentBlocks(world.scope, { agentId: agent.id })
      expect(blocks).toEqual([shared, own])
    },
  },
  {
    name: 'createAgent() makes the default conversation with its first messages at 1, 2, …',
    async run(world) {
      const agent = await world.agent()
      const conversationId = defaultConversationId(agent.id)
      const conversation = await world.store.getConversation(world.scope, { id: conversationId })
      expect(conversation).toMatchObject({ agentId: agent.id, isDefault: true, prefix: null })
      const items = await world.store.listItems(world.scope, {
        conversationId,
        fromPosition: 0,
        limit: 10,
      })
      expect(items).toMatchObject([
        { kind: 'message', position: 1, message: { id: conversation.systemMessageId } },
      ])
    },
  },
  {
    name: 'createAgent() refuses an unknown block, and two blocks with one label',
    async run(world) {
      await expectRefused(world.agent({ blockIds: [world.id('block')] }), 'not_found')
      const [first, second] = [await world.block(), await world.block()]
      await expectRefused(world.agent({ blockIds: [first.id, second.id] }), 'conflict')
      expect(await world.store.countAgents(world.scope, { filter: {} })).toBe(0)
    },
  },
  {
    name: 'createAgent() refuses an id that is taken',
    async run(world) {
      const agent = await world.agent()
      await expectRefused(world.agent({ id: agent.id }), 'conflict')
    },
  },
  {
    name: 'createAgent() returns the oldest agent that makes a new one needless, and stores nothing then',
    async run(world) {
      const { store, scope } = world
      await world.agent({ tags: ['mine'], hidden: true })
      const oldest = await world.agent({ tags: ['mine', 'other'], name: 'Ada' })
      await world.agent({ tags: ['mine'], name: 'Ada' })
      const input = (tags: readonly string[]): NewAgent => ({
        ...world.newAgent({ tags, name: 'Bo' }),
        unless: { tags, matchAllTags: true },
      })
      const count = await store.countAgents(scope, { filter: {} })
      expect(await store.createAgent(scope, input(['mine']))).toEqual(oldest)
      expect(await store.countAgents(scope, { filter: {} })).toBe(count)
      const made = input(['mine', 'new'])
      expect((await store.createAgent(scope, made)).id).toBe(made.agent.id)
    },
  },
  {
    name: 'createAgent() makes one agent when several ask at once for one that may be there',
    async run(world) {
      const { store, scope } = world
      const inputs = Array.from({ length: 5 }, () => ({
        ...world.newAgent({ tags: ['only'] }),
        unless: { tags: ['only'] },
      }))
      const agents = await Promise.all(inputs.map((input) => store.createAgent(scope, input)))
      expect(new Set(agents.map(({ id }) => id)).size).toBe(1)
      expect(await store.countAgents(scope, { filter: { tags: ['only'] } })).toBe(1)
    },
  },
  {
    name: 'getAgent() does not find what is not there',
    async run(world) {
      await expectRefused(world.store.getAgent(world.scope, { id: world.id('agent') }), 'not_found')
    },
  },
  {
    name: 'listAgents() and countAgents() filter alike',
    async run(world) {
      const block = await world.block()
      const one = await world.agent({ name: 'Ünder', tags: ['x', 'y'], blockIds: [block.id] })
      const two = await world.agent({ name: 'other', tags: ['y'], createdById: 'user-9' })
      const three = await world.agent({ name: 'hidden', tags: ['x'], hidden: true })
      const cases: readonly (readonly [AgentFilter, readonly Agent[]])[] = [
        [{}, [one, two]],
        [{ includeHidden: true }, [one, two, three]],
        [{ ids: [two.id, three.id] }, [two]],
        [{ ids: [] }, []],
        [{ name: 'other' }, [two]],
        [{ name: 'othe' }, []],
        [{ nameContains: 'üNDE' }, [one]],
        [{ tags: ['x', 'y'] }, [one, two]],
        [{ tags: ['x', 'y'], matchAllTags: true }, [one]],
        [{ tags: [] }, [one, two]],
        [{ createdById: 'user-9' }, [two]],
        [{ blockId: block.id }, [one]],
        [{ lastStopReason: 'end_turn' }, []],
      ]
      for (const [filter, expected] of cases) {
        expect(await listNames(world, filter)).toEqual(expected.map((agent) => agent.name))
        const count = await world.store.countAgents(world.scope, { filter })
        expect([filter, count]).toEqual([filter, expected.length])
      }
    },
  },
  {
    name: 'countAgents() follows agents that come, hide, show themselves and go',
    async run(world) {
      const { store, scope } = world
      const counts = async (): Promise<readonly number[]> => [
        await store.countAgents(scope, { filter: {} }),
        await store.countAgents(scope, { filter: { includeHidden: true } }),
      ]
      const hide = async (id: string, hidden: boolean): Promise<void> => {
        const change = { id, at: world.at(), updatedById: 'user-1', set: { hidden } }
        await store.updateAgent(scope, change)
      }
      expect(await counts()).toEqual([0, 0])
      const one = await world.agent()
      const two = await world.agent({ hidden: true })
      expect(await counts()).toEqual([1, 2])
      await hide(one.id, true)
      await hide(one.id, true)
      expect(await counts()).toEqual([0, 2])
      await hide(two.id, false)
      await hide(two.id, false)
      expect(await counts()).toEqual([1, 2])
      await store.deleteAgent(scope, { id: two.id })
      expect(await counts()).toEqual([0, 1])
      await expectRefused(store.deleteAgent(scope, { id: two.id }), 'not_found')
      await expectRefused(world.agent({ id: one.id }), 'conflict')
      expect(await counts()).toEqual([0, 1])
      const limited = { ...scope, agentIds: [two.id] }
      expect(await store.countAgents(limited, { filter: { includeHidden: true } })).toBe(0)
      await store.deleteAgent(scope, { id: one.id })
      expect(await counts()).toEqual([0, 0])
    },
  },
  {
    name: 'listAgents() pages through equal times by id, in both directions',
    async run(world) {
      const agents: Agent[] = []
      for (let index = 0; index < 7; index += 1) {
        agents.push(await world.agent({ createdAt: 5000, name: `n${index}` }))
      }
      const ids = agents.map((agent) => agent.id).toSorted()
      expect(await walk(world, { order: 'asc', orderBy: 'createdAt' })).toEqual(ids)
      expect(await walk(world, { order: 'desc', orderBy: 'createdAt' })).toEqual(ids.toReversed())
    },
  },
  {
    name: 'listAgents() takes what is before a cursor from the start, and ignores an unknown one',
    async run(world) {
      const ids: string[] = []
      for (let index = 0; index < 4; index += 1) ids.push((await world.agent()).id)
      const list = async (page: Partial<AgentPage>): Promise<readonly string[]> => {
        const full = { limit: 2, order: 'asc', orderBy: 'createdAt', ...page } as const
        const agents = await world.store.listAgents(world.scope, { filter: {}, page: full })
        return agents.map((agent) => agent.id)
      }
      expect(await list({ before: ids[3] ?? '' })).toEqual(ids.slice(0, 2))
      expect(await list({ after: ids[0] ?? '', before: ids[2] ?? '' })).toEqual([ids[1]])
      expect(await list({ after: world.id('agent') })).toEqual(ids.slice(0, 2))
    },
  },
  {
    name: 'listAgents() puts agents that never ran last, whatever the direction',
    async run(world) {
      const never = await world.agent()
      const early = await world.agent({ lastRunCompletion: 1000 })
      const late = await world.agent({ lastRunCompletion: 2000 })
      const orderBy = 'lastRunCompletion'
      expect(await walk(world, { order: 'asc', orderBy })).toEqual([early.id, late.id, never.id])
      expect(await walk(world, { order: 'desc', orderBy })).toEqual([late.id, early.id, never.id])
    },
  },
  {
    name: 'listAgents() orders by the last change',
    async run(world) {
      const first = await world.agent()
      const second = await world.agent()
      await world.store.updateAgent(world.scope, patch(world, first, { description: 'new' }))
      const orderBy = 'updatedAt'
      expect(await walk(world, { order: 'desc', orderBy })).toEqual([first.id, second.id])
    },
  },
  {
    name: 'updateAgent() changes the fields that are present and no others',
    async run(world) {
      const block = await world.block()
      const agent = await world.agent()
      const set = {
        name: 'New',
        modelSettings: null,
        tags: ['z'],
        blockIds: [block.id],
        hidden: true,
        lastRunCompletion: 77,
        lastRunDurationMs: 5,
        lastStopReason: 'error' as const,
      }
      const input = patch(world, agent, set)
      const changed = await world.store.updateAgent(world.scope, input)
      expect(changed).toEqual({
        ...agent,
        ...set,
        updatedAt: input.at,
        updatedById: input.updatedById,
      })
      const filter = { tags: ['z'], includeHidden: true }
      expect(await listNames(world, filter)).toEqual(['New'])
      expect(await listNames(world, { tags: ['a-tag'], includeHidden: true })).toEqual([])
      const cleared = patch(world, agent, { lastRunCompletion: null })
      const again = await world.store.updateAgent(world.scope, cleared)
      expect(again.lastRunCompletion).toBeNull()
    },
  },
  {
    name: 'updateAgent() refuses what createAgent() refuses, and then changes nothing',
    async run(world) {
      const [first, second] = [await world.block(), await world.block()]
      const agent = await world.agent()
      for (const [blockIds, code] of [
        [[first.id, second.id], 'conflict'],
        [[world.id('block')], 'not_found'],
      ] as const) {
        const input = patch(world, agent, { name: 'New', blockIds })
        await expectRefused(world.store.updateAgent(world.scope, input), code)
      }
      expect(await world.store.getAgent(world.scope, { id: agent.id })).toEqual(agent)
      const unknown = patch(world, { ...agent, id: world.id('agent') }, {})
      await expectRefused(world.store.updateAgent(world.scope, unknown), 'not_found')
    },
  },
  {
    name: 'attachBlock() adds at the end once; detachBlock() removes',
    async run(world) {
      const own = world.newBlock({ label: 'persona' })
      const agent = await world.agent({}, [own])
      const block = await world.block()
      const link = { agentId: agent.id, blockId: block.id, at: world.at() }
      const attached = await world.store.attachBlock(world.scope, link)
      expect(attached.blockIds).toEqual([own.id, block.id])
      expect(await world.store.attachBlock(world.scope, link)).toEqual(attached)
      const clash = { ...link, blockId: (await world.block()).id }
      await expectRefused(world.store.attachBlock(world.scope, clash), 'conflict')
      const unknown = { ...link, blockId: world.id('block') }
      await expectRefused(world.store.attachBlock(world.scope, unknown), 'not_found')

      const detached = await world.store.detachBlock(world.scope, { ...link, blockId: own.id })
      expect(detached.blockIds).toEqual([block.id])
      const again = { ...link, blockId: own.id }
      await expectRefused(world.store.detachBlock(world.scope, again), 'not_found')
      const back = await world.store.attachBlock(world.scope, again)
      expect(back.blockIds).toEqual([block.id, own.id])
    },
  },
  {
    name: 'deleteAgent() removes what is only the agent’s and keeps what is shared',
    async run(world) {
      const { store, scope } = world
      const block = await world.block()
      const agent = await world.agent({ blockIds: [block.id] })
      const other = await world.agent({ blockIds: [block.id] })
      await world.exchange(agent, 'the secret word is heron')
      await world.remember(agent, 'herons stand in water')
      const [archive] = await listArchives(world, agent)
      await world.exchange(other, 'hello')
      await store.deleteAgent(scope, { id: agent.id })

      await expectRefused(store.getAgent(scope, { id: agent.id }), 'not_found')
      await expectRefused(store.deleteAgent(scope, { id: agent.id }), 'not_found')
      const conversation = { id: defaultConversationId(agent.id) }
      await expectRefused(store.getConversation(scope, conversation), 'not_found')
      await expectRefused(store.getArchive(scope, { id: archive?.id ?? '' }), 'not_found')
      expect(await store.listRuns(scope, allRuns(agent))).toEqual([])
      expect(await store.listRuns(scope, allRuns(other))).toHaveLength(1)
      expect(await store.getBlock(scope, { id: block.id })).toEqual(block)
      expect(await world.found(other, 'hello')).toHaveLength(1)
    },
  },
  {
    name: 'deleteAgent() keeps an archive that another agent has',
    async run(world) {
      const { store, scope } = world
      const [agent, other] = [await world.agent(), await world.agent()]
      await world.remember(agent, 'shared knowledge')
      const [archive] = await listArchives(world, agent)
      const archiveId = archive?.id ?? ''
      await store.attachArchive(scope, { agentId: other.id, archiveId, at: world.at() })
      await store.deleteAgent(scope, { id: agent.id })
      expect(await store.countPassages(scope, { agentId: other.id })).toBe(1)
    },
  },
]

async function listNames(world: World, filter: AgentFilter): Promise<readonly string[]> {
  const page = { limit: 100, order: 'asc', orderBy: 'createdAt' } as const
  const agents = await world.store.listAgents(world.scope, { filter, page })
  return agents.map((agent) => agent.name)
}

async function walk(
  world: World,
  order: Pick<AgentPage, 'order' | 'orderBy'>,
): Promise<readonly string[]> {
  const ids: string[] = []
  for (;;) {
    const after = ids.at(-1)
    const page = { limit: 2, ...order, ...(after === undefined ? {} : { after }) }
    const agents = await world.store.listAgents(world.scope, { filter: {}, page })
    if (agents.length === 0) return ids
    ids.push(...agents.map((agent) => agent.id))
  }
}

function patch(
  world: World,
  agent: Agent,
  set: Partial<Agent>,
): Parameters<World['store']['updateAgent']>[1] {
  return { id: agent.id, at: world.at(), updatedById: 'user-7', set }
}

async function listArchives(
  world: World,
  agent: Agent,
): ReturnType<World['store']['listArchives']> {
  const page = { limit: 10, order: 'asc' } as const
  return await world.store.listArchives(world.scope, { agentId: agent.id, page })
}

function allRuns(agent: Agent): Parameters<World['store']['listRuns']>[1] {
  return { filter: { agentIds: [agent.id] }, page: { limit: 10, order: 'asc' } }
}
