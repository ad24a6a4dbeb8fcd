import { expect } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import type { Conversation } from '../../domain/conversation.ts'
import { forgottenMark } from '../../domain/forget.ts'
import type { MessageListQuery } from '../contract/conversation-store.ts'
import type { ImportBatch } from '../contract/import-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { forgetWrite, ownersOf, removalsOf } from './forget-samples.ts'
import type { World } from './world.ts'
import { newFact, stateFacts } from './state-facts.ts'

/** What engines do when a history is brought in. */
export const importCases: readonly ConformanceCase[] = [
  {
    name: 'importMessages() stores a history in a conversation of its own, found at once, each otid once',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const begun = begin(world, agent)
      const first = await store.importMessages(scope, batch(world, begun, ['a', 'b', 'a']))
      expect(first).toEqual({ stored: 2, known: 1, forgotten: 0, importId: begun.id })
      const more = { ...batch(world, begun, ['b', 'c']), start: null }
      expect(await store.importMessages(scope, more)).toEqual({
        stored: 1,
        known: 1,
        forgotten: 0,
        importId: begun.id,
      })
      const all = { conversationId: begun.id, fromPosition: 0, limit: 9 }
      const items = (await store.listItems(scope, all)).filter((item) => item.kind === 'message')
      expect(items.map(({ position, message }) => [position, message.otid])).toEqual([
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ])
      expect(await world.found(agent, 'heron')).toEqual(
        items.map(({ message }) => message.id).toReversed(),
      )
      const { lastMessageAt } = await store.getConversation(scope, { id: begun.id })
      expect(lastMessageAt).toBe(items[2]?.message.createdAt)
      expect(await store.listImports(scope, { agentId: agent.id })).toEqual([
        { importId: begun.id, messageCount: 3, importedAt: expect.any(Number) },
      ])
    },
  },
  {
    name: 'listMessages() goes by when messages were said, where a history was imported after newer ones',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const begun = begin(world, agent)
      const times = [50, 90, 10, 30, 30, 70, 20]
      const messages = times.map((time) =>
        world.message(agent, 'heron', { conversationId: begun.id, createdAt: time }),
      )
      await store.importMessages(scope, { ...batch(world, begun, []), messages })
      const byTime = { agentId: agent.id, roles: ['user'], orderBy: 'createdAt' } as const
      const read = async (query: Partial<MessageListQuery>): Promise<readonly number[]> => {
        const found = await store.listMessages(scope, {
          ...byTime,
          limit: 9,
          order: 'desc',
          ...query,
        })
        return found.map(({ id }) => messages.findIndex(({ message }) => message.id === id))
      }
      const order = [2, 6, 3, 4, 0, 5, 1]
      expect(await read({})).toEqual(order)
      expect(await read({ orderBy: 'sequence' })).toEqual([0, 1, 2, 3, 4, 5, 6])
      expect(await read({ limit: 2 })).toEqual([5, 1])
      expect(await read({ limit: 2, order: 'asc' })).toEqual([2, 6])
      const before = messages[4]?.message.id ?? ''
      expect(await read({ before, limit: 2 })).toEqual([6, 3])
      expect(await read({ after: before, limit: 2, order: 'asc' })).toEqual([0, 5])
      expect(await read({ until: 50 })).toEqual([2, 6, 3, 4, 0])
      expect(await read({ until: 50, orderBy: 'sequence' })).toEqual([0, 2, 3, 4, 6])
      expect(await read({ conversationId: begun.id, limit: 3 })).toEqual([0, 5, 1])
      const other = await world.agent()
      expect(await read({ agentId: other.id })).toEqual([])
      const unknown = { agentId: 'agent-00000000-0000-4000-8000-00000000dead' }
      await expectRefused(read(unknown), 'not_found')
    },
  },
  {
    name: 'importMessages() refuses other words or another role under an otid, known or twice given, and stores nothing',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const begun = begin(world, agent)
      await store.importMessages(scope, batch(world, begun, ['a', 'b']))
      const items = { conversationId: begun.id, fromPosition: 0, limit: 9 }
      const stored = await store.listItems(scope, items)
      const again = (texts: readonly [string, string][], fields: object = {}): ImportBatch => ({
        ...batch(world, begun, []),
        start: null,
        messages: texts.map(([otid, text]) =>
          world.message(agent, text, { otid, conversationId: begun.id, ...fields }),
        ),
      })
      for (const changed of [
        again([
          ['c', 'heron c'],
          ['a', 'egret a'],
        ]),
        again([['a', 'heron a']], { role: 'assistant' }),
        again([
          ['d', 'heron d'],
          ['d', 'egret d'],
        ]),
      ]) {
        await expectRefused(store.importMessages(scope, changed), 'otid_reused')
      }
      expect(await store.listItems(scope, items)).toEqual(stored)
      const alike = again([
        ['a', 'heron a'],
        ['e', 'heron e'],
        ['e', 'heron e'],
      ])
      expect(await store.importMessages(scope, alike)).toMatchObject({ stored: 1, known: 2 })
      // Words that were forgotten since come again with the file.
      await store.importMessages(scope, again([['f', `heron ${forgottenMark} f`]]))
      const whole = again([['f', 'heron of Cork f']])
      expect(await store.importMessages(scope, whole)).toMatchObject({ stored: 0, known: 1 })
    },
  },
  {
    name: 'importMessages() of one history several times at once stores it once',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const otids = Array.from({ length: 40 }, (_, index) => `o${index}`)
      const batches = [1, 2, 3, 4].map(() => batch(world, begin(world, agent), otids))
      const answers = await Promise.all(
        batches.map(async (each) => await store.importMessages(scope, each)),
      )
      const counts = answers.map(({ stored, known }) => `${stored} of ${stored + known}`)
      expect(counts.toSorted()).toEqual(['0 of 40', '0 of 40', '0 of 40', '40 of 40'])
      expect(new Set(answers.map(({ importId }) => importId)).size).toBe(1)
    },
  },
  {
    name: 'importMessages() makes no conversation for what is known, and names the import that has it',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const begun = begin(world, agent)
      await store.importMessages(scope, batch(world, begun, ['a']))
      const again = begin(world, agent)
      expect(await store.importMessages(scope, batch(world, again, ['a']))).toEqual({
        stored: 0,
        known: 1,
        forgotten: 0,
        importId: begun.id,
      })
      await expectRefused(store.getConversation(scope, { id: again.id }), 'not_found')
      const other = await world.agent()
      const own = begin(world, other)
      expect(await store.importMessages(scope, batch(world, own, ['a']))).toMatchObject({
        stored: 1,
      })
    },
  },
  {
    name: 'importMessages() leaves away what was forgotten, also when that was a whole import, and says so',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const begun = begin(world, agent)
      await store.importMessages(scope, batch(world, begun, ['a', 'b']))
      const items = await store.listItems(scope, {
        conversationId: begun.id,
        fromPosition: 1,
        limit: 1,
      })
      const messageIds = items.flatMap((item) => (item.kind === 'message' ? [item.message.id] : []))
      await forget(world, agent, { messageIds })
      const more = { ...batch(world, begun, ['a', 'b', 'c']), start: null }
      expect(await store.importMessages(scope, more)).toEqual({
        stored: 1,
        known: 2,
        forgotten: 1,
        importId: begun.id,
      })
      await forget(world, agent, { conversationIds: [begun.id] })
      const again = begin(world, agent)
      expect(await store.importMessages(scope, batch(world, again, ['a', 'b', 'c']))).toEqual({
        stored: 0,
        known: 3,
        forgotten: 3,
        importId: null,
      })
      expect(await store.listImports(scope, { agentId: agent.id })).toEqual([])
      expect(await world.found(agent, 'heron')).toEqual([])
    },
  },
  {
    name: 'importMessages() refuses what is no import of the agent, and one whose conversation is run',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const ordinary = await world.conversation(agent)
      const begun = begin(world, agent)
      const wrong = { ...batch(world, ordinary, ['a']), start: null }
      await expectRefused(store.importMessages(scope, wrong), 'not_found')
      await store.importMessages(scope, batch(world, begun, ['a']))
      const stranger = { ...batch(world, begun, ['b']), start: null, agentId: world.id('agent') }
      await expectRefused(store.importMessages(scope, stranger), 'not_found')
      await world.say(agent, 'go on', { conversationId: begun.id })
      await world.claim(begun.id)
      const late = { ...batch(world, begun, ['b']), start: null }
      await expectRefused(store.importMessages(scope, late), 'conflict')
    },
  },
  {
    name: 'deleteImport() keeps what was forgotten away when the import is brought in again',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const begun = begin(world, agent)
      await store.importMessages(scope, batch(world, begun, ['a', 'b', 'c']))
      const query = { agentId: agent.id, conversationId: begun.id, limit: 9, order: 'asc' } as const
      const [first] = await store.listMessages(scope, query)
      await forget(world, agent, { messageIds: [first?.id ?? ''] })
      await store.deleteImport(scope, { agentId: agent.id, importId: begun.id })
      const again = begin(world, agent)
      expect(await store.importMessages(scope, batch(world, again, ['a', 'b', 'c']))).toEqual({
        stored: 2,
        known: 1,
        forgotten: 1,
        importId: again.id,
      })
      expect(await world.found(agent, 'heron')).toHaveLength(2)
    },
  },
  {
    name: 'deleteImport() changes memory with it, or does nothing at all',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const begun = begin(world, agent)
      await store.importMessages(scope, batch(world, begun, ['a']))
      const fact = newFact(world, agent)
      await stateFacts(world, agent, fact)
      const given = { agentId: agent.id, importId: begun.id }
      const closing = (expectedVersion: number) =>
        world.memoryWrite(agent, {
          facts: [{ action: 'delete', factId: fact.id, expectedVersion }],
        })
      const stale = { ...given, memory: closing(2) }
      await expectRefused(store.deleteImport(scope, stale), 'conflict')
      expect(await store.listImports(scope, { agentId: agent.id })).toHaveLength(1)
      const changes = await store.deleteImport(scope, { ...given, memory: closing(1) })
      expect(changes).toMatchObject([{ action: 'delete', itemId: fact.id }])
      expect(await store.listImports(scope, { agentId: agent.id })).toEqual([])
      expect(await store.listFacts(scope, { agentId: agent.id, limit: 9 })).toEqual([])
    },
  },
  {
    name: 'deleteImport() removes the whole import, which can then be brought in again',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      await world.say(agent, 'heron stays')
      const ordinary = await world.conversation(agent)
      const begun = begin(world, agent)
      await store.importMessages(scope, batch(world, begun, ['a', 'b']))
      for (const importId of [ordinary.id, world.id('conversation')]) {
        await expectRefused(store.deleteImport(scope, { agentId: agent.id, importId }), 'not_found')
      }
      await store.deleteImport(scope, { agentId: agent.id, importId: begun.id })
      expect(await world.found(agent, 'heron')).toHaveLength(1)
      expect(await store.listImports(scope, { agentId: agent.id })).toEqual([])
      await expectRefused(store.getConversation(scope, { id: begun.id }), 'not_found')
      const again = begin(world, agent)
      expect(await store.importMessages(scope, batch(world, again, ['a']))).toMatchObject({
        stored: 1,
      })
    },
  },
]

function begin(world: World, agent: Agent): Conversation {
  return world.conversationOf(agent)
}

/** A history of messages about herons, by their otids. */
function batch(world: World, conversation: Conversation, otids: readonly string[]): ImportBatch {
  const agent = { id: conversation.agentId }
  return {
    agentId: agent.id,
    importId: conversation.id,
    start: { conversation, messages: [] },
    messages: otids.map((otid) =>
      world.message(agent, `heron ${otid}`, { otid, conversationId: conversation.id }),
    ),
    at: world.at(),
  }
}

async function forget(
  world: World,
  agent: Agent,
  removals: Parameters<typeof removalsOf>[0],
): Promise<void> {
  const owners = ownersOf(agent.id)
  const write = forgetWrite(world, { owners, mark: null, removals: removalsOf(removals) })
  await world.store.applyForget(world.scope, write)
}
