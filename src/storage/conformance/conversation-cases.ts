import { expect } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import { defaultConversationId } from '../../domain/identifier.ts'
import type { ConversationQuery, MessageListQuery } from '../contract/conversation-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import type { World } from './world.ts'

/** What engines do with conversations and messages. */
export const conversationCases: readonly ConformanceCase[] = [
  {
    name: 'createConversation() stores a conversation as it is given',
    async run(world) {
      const agent = await world.agent()
      const prefix = { key: 'k', system: 's', builtAt: 5, shown: { b: { label: 'x', version: 2 } } }
      const given = world.conversationOf(agent, { prefix, archivedAt: 7 })
      const stored = await world.conversation(agent, given)
      expect(stored).toEqual(given)
      expect(await world.store.getConversation(world.scope, { id: stored.id })).toEqual(given)
      await expectRefused(
        world.conversation({ ...agent, id: world.id('agent') }, { id: world.id('conversation') }),
        'not_found',
      )
      const unknown = { id: world.id('conversation') }
      await expectRefused(world.store.getConversation(world.scope, unknown), 'not_found')
    },
  },
  {
    name: 'getConversationWithAgent() reads a conversation with its agent and that agent’s blocks in order',
    async run(world) {
      const { store, scope } = world
      const labels = ['persona', 'human', 'task']
      const blocks = labels.map((label) => world.newBlock({ label }))
      const agent = await world.agent({}, blocks)
      const id = defaultConversationId(agent.id)
      expect(await store.getConversationWithAgent(scope, { id })).toEqual({
        conversation: await store.getConversation(scope, { id }),
        agent: await store.getAgent(scope, { id: agent.id }),
        blocks: await store.listAgentBlocks(scope, { agentId: agent.id }),
      })
      const unknown = store.getConversationWithAgent(scope, { id: world.id('conversation') })
      await expectRefused(unknown, 'not_found')
    },
  },
  {
    name: 'updateConversation() changes the fields that are present and no others',
    async run(world) {
      const agent = await world.agent()
      const conversation = await world.conversation(agent)
      const prefix = { key: 'k', system: 's', builtAt: 5, shown: {} }
      const set = { summary: null, state: 'paused' as const, archivedAt: 9, prefix, viewFrom: 3 }
      const input = { id: conversation.id, at: world.at(), set }
      const changed = await world.store.updateConversation(world.scope, input)
      expect(changed).toEqual({ ...conversation, ...set, updatedAt: input.at })
      const cleared = { ...input, set: { prefix: null, lastMessageAt: 12 } }
      const again = await world.store.updateConversation(world.scope, cleared)
      expect(again).toMatchObject({ prefix: null, lastMessageAt: 12, state: 'paused' })
      const unknown = { ...input, id: world.id('conversation') }
      await expectRefused(world.store.updateConversation(world.scope, unknown), 'not_found')
    },
  },
  {
    name: 'listConversations() filters and leaves the default ones out',
    async run(world) {
      const [agent, other] = [await world.agent(), await world.agent()]
      const one = await world.conversation(agent, { summary: 'Über Tee' })
      const two = await world.conversation(other, { summary: null })
      const archived = await world.conversation(agent, { archivedAt: 5 })
      const hidden = await world.conversation(agent, { hidden: true })
      const cases: readonly (readonly [Partial<ConversationQuery>, readonly { id: string }[]])[] = [
        [{}, [one, two]],
        [{ agentId: agent.id }, [one]],
        [{ summaryContains: 'üBER' }, [one]],
        [{ archived: 'archived' }, [archived]],
        [{ archived: 'all', includeHidden: true }, [one, two, archived, hidden]],
      ]
      for (const [query, expected] of cases) {
        const full = { limit: 10, order: 'asc', orderBy: 'createdAt', ...query } as const
        const found = await world.store.listConversations(world.scope, full)
        expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
      }
    },
  },
  {
    name: 'listConversations() pages; conversations without a time come last either way',
    async run(world) {
      const agent = await world.agent()
      const never = await world.conversation(agent)
      const late = await world.conversation(agent, { lastMessageAt: 9, lastRunCompletion: 9 })
      const early = await world.conversation(agent, { lastMessageAt: 5, lastRunCompletion: 5 })
      for (const orderBy of ['lastMessageAt', 'lastRunCompletion'] as const) {
        const ascending = await walk(world, { order: 'asc', orderBy })
        expect(ascending).toEqual([early.id, late.id, never.id])
        const descending = await walk(world, { order: 'desc', orderBy })
        expect(descending).toEqual([late.id, early.id, never.id])
      }
      const query = {
        limit: 1,
        order: 'asc',
        orderBy: 'createdAt',
        after: world.id('conversation'),
      }
      await expectRefused(
        world.store.listConversations(world.scope, query as ConversationQuery),
        'not_found',
      )
    },
  },
  {
    name: 'deleteConversation() removes its messages and runs, once',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      await world.exchange(agent, 'in the default one')
      const conversation = await world.conversation(agent)
      const { run, messages } = await world.say(agent, 'elsewhere', {
        conversationId: conversation.id,
      })
      const before = await store.countMessages(scope, { agentId: agent.id })
      await store.deleteConversation(scope, { id: conversation.id })
      await expectRefused(store.getRun(scope, { id: run.id }), 'not_found')
      expect(await store.getMessages(scope, { ids: messages.map(({ id }) => id) })).toEqual([])
      expect(await world.found(agent, 'elsewhere')).toEqual([])
      expect(await world.found(agent, 'default')).toHaveLength(1)
      expect(await store.countMessages(scope, { agentId: agent.id })).toBe(before - 2)
      const gone = { id: conversation.id }
      await expectRefused(store.deleteConversation(scope, gone), 'not_found')
    },
  },
  {
    name: 'deleteConversation() keeps messages that another conversation shares',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const result = await world.exchange(agent, 'shared words')
      expect(result.item?.position).toBeGreaterThan(1)
      const original = await store.listMessages(scope, {
        agentId: agent.id,
        limit: 9,
        order: 'asc',
      })
      await store.deleteConversation(scope, { id: (await world.conversation(agent)).id })
      const kept = await store.listMessages(scope, { agentId: agent.id, limit: 9, order: 'asc' })
      expect(kept).toEqual(original)
    },
  },
  {
    name: 'listViewMessageIds() names the system message and what is in the view',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const id = defaultConversationId(agent.id)
      const { item: first } = await world.exchange(agent, 'one')
      const { item: second } = await world.exchange(agent, 'two')
      const conversation = await store.getConversation(scope, { id })
      const all = await store.listMessages(scope, { agentId: agent.id, limit: 9, order: 'asc' })
      const read = async (): Promise<readonly string[] | undefined> =>
        (await store.listViewMessageIds(scope, { conversationIds: [id] }))[id]
      expect(await read()).toEqual(all.map((message) => message.id))
      const set = { viewFrom: (first?.position ?? 0) + 1 }
      await store.updateConversation(scope, { id, at: world.at(), set })
      expect((await read())?.at(0)).toBe(conversation.systemMessageId)
      expect(await read()).toEqual([conversation.systemMessageId, all[3]?.id, second?.message.id])
    },
  },
  {
    name: 'listItems() walks by position',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      await world.exchange(agent, 'one')
      const conversationId = defaultConversationId(agent.id)
      const list = async (fromPosition: number, limit: number): Promise<readonly number[]> =>
        (await store.listItems(scope, { conversationId, fromPosition, limit })).map(
          ({ position }) => position,
        )
      const positions = await list(0, 10)
      expect(positions).toHaveLength(3)
      expect(await list((positions[0] ?? 0) + 1, 1)).toEqual([positions[1]])
      const unknown = { conversationId: world.id('conversation'), fromPosition: 0, limit: 1 }
      await expectRefused(store.listItems(scope, unknown), 'not_found')
    },
  },
  {
    name: 'listMessages() returns oldest first: the newest with desc, the oldest with asc',
    async run(world) {
      const agent = await world.agent()
      for (const text of ['1', '2', '3']) await world.exchange(agent, text, `re ${text}`)
      const list = async (query: Partial<MessageListQuery>): Promise<readonly string[]> =>
        await listTexts(world, { agentId: agent.id, roles: ['user'], limit: 2, ...query })
      expect(await list({ order: 'desc' })).toEqual(['2', '3'])
      expect(await list({ order: 'asc' })).toEqual(['1', '2'])
      const all = await world.store.listMessages(world.scope, {
        agentId: agent.id,
        roles: ['user'],
        limit: 9,
        order: 'asc',
      })
      const [first, second, third] = all.map((message) => message.id)
      for (const order of ['asc', 'desc'] as const) {
        expect(await list({ order, after: first ?? '' })).toEqual(['2', '3'])
        expect(await list({ order, before: second ?? '' })).toEqual(['1'])
        expect(await list({ order, after: first ?? '', before: third ?? '' })).toEqual(['2'])
      }
      const sequences = all.map((message) => message.sequence)
      expect(sequences).toEqual(sequences.toSorted((one, two) => one - two))
      await expectRefused(list({ after: world.id('message') }), 'not_found')
      await expectRefused(list({ before: world.id('message') }), 'not_found')
    },
  },
  {
    name: 'listMessages() narrows to a conversation, run or step',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      await world.exchange(agent, 'default')
      const conversation = await world.conversation(agent)
      const { run } = await world.say(agent, 'side', { conversationId: conversation.id })
      const conversationId = conversation.id
      expect(await listTexts(world, { conversationId })).toEqual(['You are a test.'])
      const lease = await world.claim(conversation.id)
      const work = await world.begin(lease)
      const commit = world.stepCommit(lease, work, { text: 'answer' })
      await store.commitStep(scope, commit)
      const texts = ['You are a test.', 'side', 'answer']
      expect(await listTexts(world, { conversationId })).toEqual(texts)
      expect(await listTexts(world, { conversationId, order: 'desc', limit: 1 })).toEqual([
        'answer',
      ])
      expect(await listTexts(world, { runId: run.id })).toEqual(['side', 'answer'])
      expect(await listTexts(world, { stepId: commit.step.id })).toEqual(['answer'])
      expect(await listTexts(world, { roles: ['assistant'] })).toEqual(['Fine.', 'answer'])
      const unknown = { agentId: world.id('agent') }
      await expectRefused(listTexts(world, unknown), 'not_found')
    },
  },
  {
    name: 'getMessages() leaves out what does not exist; countMessages() counts all conversations',
    async run(world) {
      const agent: Agent = await world.agent()
      const { item } = await world.exchange(agent, 'hello')
      const ids = [world.id('message'), item?.message.id ?? '']
      expect(await world.store.getMessages(world.scope, { ids })).toEqual([item?.message])
      await world.conversation(agent)
      expect(await world.store.countMessages(world.scope, { agentId: agent.id })).toBe(4)
      const unknown = { agentId: world.id('agent') }
      await expectRefused(world.store.countMessages(world.scope, unknown), 'not_found')
    },
  },
]

async function listTexts(
  world: World,
  query: Partial<MessageListQuery>,
): Promise<readonly string[]> {
  const full = { limit: 10, order: 'asc', ...query } as const
  const messages = await world.store.listMessages(world.scope, full)
  return messages.map(({ content }) => (content[0]?.type === 'text' ? content[0].text : ''))
}

async function walk(
  world: World,
  order: Pick<ConversationQuery, 'order' | 'orderBy'>,
): Promise<readonly string[]> {
  const ids: string[] = []
  for (;;) {
    const after = ids.at(-1)
    const query = { limit: 1, ...order, ...(after === undefined ? {} : { after }) }
    const found = await world.store.listConversations(world.scope, query)
    if (found.length === 0) return ids
    ids.push(...found.map(({ id }) => id))
  }
}
