import { expect } from 'vitest'
import { defaultConversationId } from '../../domain/identifier.ts'
import type { Message } from '../../domain/message.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { messageItems } from './world.ts'

/** What engines do with summaries. */
export const compactionCases: readonly ConformanceCase[] = [
  {
    name: 'commitCompaction() moves the view behind what the summary covers, and touches no message',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { item } = await world.exchange(agent, 'old', 'older')
      const { lease, work } = await world.start(agent, 'new')
      const prefix = { key: 'k', system: 's', builtAt: 1, shown: {} }
      await store.commitStep(scope, world.stepCommit(lease, work, { tools: ['x'], prefix }))
      const before = await store.listMessages(scope, { agentId: agent.id, limit: 9, order: 'asc' })
      const viewFrom = (item?.position ?? 0) + 1
      const compaction = world.compaction(lease, { viewFrom, runId: work.run.id })
      const stored = await store.commitCompaction(scope, compaction)
      expect(stored.item?.message).toEqual({
        ...compaction.summary.message,
        sequence: expect.any(Number),
      })
      expect(stored.events).toMatchObject([{ runId: work.run.id, event: compaction.events[0] }])
      const next = await world.begin(lease)
      expect(next.conversation).toMatchObject({ viewFrom, prefix: null })
      expect(rolesOf(next.items)).toEqual(['user', 'assistant', 'summary'])
      expect(next.items.at(-1)).toEqual(stored.item)
      const after = await store.listMessages(scope, { agentId: agent.id, limit: 9, order: 'asc' })
      expect(after).toEqual([...before, stored.item?.message])
    },
  },
  {
    name: 'commitCompaction() refuses a view that does not move, and writes nothing then',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { item } = await world.exchange(agent, 'old', 'older')
      const { lease } = await world.start(agent, 'new')
      const viewFrom = (item?.position ?? 0) + 1
      await store.commitCompaction(scope, world.compaction(lease, { viewFrom }))
      const before = await store.listMessages(scope, { agentId: agent.id, limit: 9, order: 'asc' })
      const again = world.compaction(lease, { viewFrom })
      await expectRefused(store.commitCompaction(scope, again), 'conflict')
      const sources = { summaryId: again.summary.message.id, after: 0, limit: 9 }
      await expectRefused(store.listSummarySources(scope, sources), 'not_found')
      const after = await store.listMessages(scope, { agentId: agent.id, limit: 9, order: 'asc' })
      expect(after).toEqual(before)
    },
  },
  {
    name: 'commitCompaction() needs the lease',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      await world.exchange(agent, 'old')
      const { lease } = await world.start(agent, 'new')
      const stale = world.compaction({ ...lease, fence: lease.fence - 1 }, { viewFrom: 3 })
      await expectRefused(store.commitCompaction(scope, stale), 'lease_lost')
    },
  },
  {
    name: 'listSummarySources() pages through what a summary covers, the earlier summary among it',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const one = await world.exchange(agent, 'one', 're one')
      const two = await world.exchange(agent, 'two', 're two')
      const lease = await world.claim(defaultConversationId(agent.id))
      const endOf = ({ item }: typeof one): number => (item?.position ?? 0) + 1
      const compact = async (
        viewFrom: number,
        earlier: Message | null,
      ): Promise<Message | null> => {
        const earlierId = earlier?.id ?? null
        const compaction = world.compaction(lease, { viewFrom, earlierId })
        const { item } = await store.commitCompaction(scope, compaction)
        return item?.message ?? null
      }
      const first = await compact(endOf(one), null)
      const second = await compact(endOf(two), first)
      const read = async (summary: Message | null, after = 0, limit = 9): Promise<string[]> =>
        (await store.listSummarySources(scope, { summaryId: summary?.id ?? '', after, limit })).map(
          ({ message }) => textOf(message),
        )
      expect(await read(first)).toEqual(['one', 're one'])
      expect(await read(second)).toEqual(['two', 're two', 'summary'])
      const [source] = await store.listSummarySources(scope, {
        summaryId: second?.id ?? '',
        after: 0,
        limit: 1,
      })
      expect(await read(second, source?.position, 1)).toEqual(['re two'])
      const views = await store.listViewMessageIds(scope, {
        conversationIds: [lease.conversationId],
      })
      const { systemMessageId } = await store.getConversation(scope, { id: lease.conversationId })
      expect(views[lease.conversationId]).toEqual([systemMessageId, second?.id])
    },
  },
  {
    name: 'the pointers of a summary go with its conversation',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const conversation = await world.conversation(agent)
      await world.say(agent, 'words', { conversationId: conversation.id })
      const lease = await world.claim(conversation.id)
      await world.begin(lease)
      const compaction = world.compaction(lease, { viewFrom: 99, agentId: agent.id })
      await store.commitCompaction(scope, compaction)
      const sources = { summaryId: compaction.summary.message.id, after: 0, limit: 9 }
      expect(await store.listSummarySources(scope, sources)).toHaveLength(1)
      await store.deleteConversation(scope, { id: conversation.id })
      await expectRefused(store.listSummarySources(scope, sources), 'not_found')
    },
  },
]

function rolesOf(items: Parameters<typeof messageItems>[0]): readonly string[] {
  return messageItems(items).map(({ message }) => message.role)
}

function textOf({ content }: Message): string {
  const [part] = content
  return part?.type === 'text' || part?.type === 'summary' ? part.text : ''
}
