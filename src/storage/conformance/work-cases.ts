import { expect } from 'vitest'
import { defaultConversationId } from '../../domain/identifier.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { messageItems, type World } from './world.ts'

/** What engines do when a turn is begun, carried on and taken over. */
export const workCases: readonly ConformanceCase[] = [
  {
    name: 'beginWork() places the input with two free positions before it',
    async run(world) {
      const { store, scope } = world
      const block = world.newBlock()
      const agent = await world.agent({}, [block])
      await world.remember(agent, 'a note')
      const accepted = await world.say(agent, 'hello')
      const lease = await world.claim(defaultConversationId(agent.id))
      const work = await world.begin(lease)
      expect(work).toMatchObject({
        turn: { id: accepted.turn.id, state: 'executing' },
        run: { id: accepted.run.id, status: 'running' },
        agent,
        conversation: { id: lease.conversationId },
        blocks: [block],
        tailPosition: 2,
        lastStep: null,
        toolCalls: [],
        toolReturns: [],
        messageCount: 2,
        passageCount: 1,
        lastActivityAt: null,
      })
      expect(work.items).toEqual([{ kind: 'message', position: 4, message: accepted.messages[0] }])
      expect(await store.getRun(scope, { id: accepted.run.id })).toEqual(work.run)
      expect(await world.begin(lease)).toEqual(work)
    },
  },
  {
    name: 'beginWork() takes inputs in the order of the inbox, one turn after the other',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const accepted = [await world.say(agent, '1'), await world.say(agent, '2')]
      const lease = await world.claim(defaultConversationId(agent.id))
      const first = await world.begin(lease)
      expect(first.turn.id).toBe(accepted[0]?.turn.id)
      expect(messageItems(first.items)).toHaveLength(1)
      const commit = world.stepCommit(lease, first, { text: 'one' })
      expect(await store.commitStep(scope, commit)).toMatchObject({ released: false })
      const second = await world.begin(lease)
      expect(second.turn.id).toBe(accepted[1]?.turn.id)
      expect(second.lastActivityAt).toBe(commit.end?.at)
      expect(textsOf(second.items)).toEqual(['1', 'one', '2'])
      const last = await store.commitStep(scope, world.stepCommit(lease, second))
      expect(last).toMatchObject({ released: true })
      const { conversationId } = lease
      expect(await store.readLease(scope, { conversationId })).toBeNull()
      const late = store.beginWork(scope, { lease, at: world.at(), itemsAfter: 0 })
      await expectRefused(late, 'lease_lost')
    },
  },
  {
    name: 'beginWork() begins nothing in a paused conversation',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      await world.say(agent, 'wait')
      const id = defaultConversationId(agent.id)
      await store.updateConversation(scope, { id, at: world.at(), set: { state: 'paused' } })
      const paused = await world.claim(id)
      const next = { at: world.at(), itemsAfter: 0 }
      expect(await store.beginWork(scope, { ...next, lease: paused })).toBeNull()
      await store.updateConversation(scope, { id, at: world.at(), set: { state: 'active' } })
      const lease = await world.claim(id)
      expect(await store.beginWork(scope, { ...next, lease })).toMatchObject({
        turn: { state: 'executing' },
      })
    },
  },
  {
    name: 'beginWork() without anything open gives the lease back',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const conversationId = defaultConversationId(agent.id)
      const lease = await world.claim(conversationId)
      expect(await store.beginWork(scope, { lease, at: world.at(), itemsAfter: 0 })).toBeNull()
      expect(await store.readLease(scope, { conversationId })).toBeNull()
    },
  },
  {
    name: 'beginWork() returns only the items after those the runner has',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      await world.exchange(agent, 'one')
      const { lease, work } = await world.start(agent, 'two')
      const last = work.items.at(-1)?.position ?? 0
      expect((await world.begin(lease, last)).items).toEqual([])
      const commit = world.stepCommit(lease, work, { tools: ['tool'] })
      const { item } = await store.commitStep(scope, commit)
      expect((await world.begin(lease, last)).items).toEqual([item])
    },
  },
  {
    name: 'beginWork() leaves out what is before the view, and the system message',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { item } = await world.exchange(agent, 'old', 'older')
      const { lease, work } = await world.start(agent, 'new')
      expect(textsOf(work.items)).toEqual(['old', 'older', 'new'])
      const viewFrom = (item?.position ?? 0) + 1
      const id = lease.conversationId
      await store.updateConversation(scope, { id, at: world.at(), set: { viewFrom } })
      const next = await world.begin(lease)
      expect(next.conversation.viewFrom).toBe(viewFrom)
      expect(textsOf(next.items)).toEqual(['new'])
    },
  },
  {
    name: 'a successor finds the turn where its predecessor stopped, at every stage',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      let present = lease
      const takeOver = async (): ReturnType<World['begin']> => {
        const before = present
        present = await heir(world, before)
        const input = { lease: before, at: world.at(), itemsAfter: 0 }
        await expectRefused(store.beginWork(scope, input), 'lease_lost')
        return await world.begin(present)
      }

      expect(await takeOver()).toEqual(work)
      const commit = world.stepCommit(present, work, { tools: ['first', 'second'] })
      await store.commitStep(scope, commit)
      const intended = await takeOver()
      expect(intended).toMatchObject({
        turn: { stepCount: 1, toolHistory: ['first', 'second'] },
        lastStep: commit.step,
        toolCalls: commit.toolCalls,
        toolReturns: [null, null],
      })
      const indexes = [0, 1]
      const { id: stepId } = commit.step
      await store.startTools(scope, { lease: present, stepId, indexes, at: world.at() })
      expect((await takeOver()).toolCalls.map(({ state }) => state)).toEqual(['started', 'started'])
      const first = world.toolCommit({ ...commit, lease: present }, 0, { isLast: false })
      await store.commitTool(scope, first)
      const halfway = await takeOver()
      expect(halfway.toolCalls.map(({ state }) => state)).toEqual(['done', 'started'])
      expect(halfway.toolReturns).toEqual([first.result, null])
      const second = world.toolCommit({ ...commit, lease: present }, 1)
      const { item } = await store.commitTool(scope, second)
      const done = await takeOver()
      expect(done.toolCalls.map(({ state }) => state)).toEqual(['done', 'done'])
      expect(done.items.at(-1)).toEqual(item)
      expect(done.tailPosition).toBe(work.tailPosition)
    },
  },
  {
    name: 'claimWork() claims and begins in one go, or writes nothing',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const conversationId = defaultConversationId(agent.id)
      const claim = { conversationId, owner: 'one', at: 1000, until: 2000, known: null }
      expect(await store.claimWork(scope, claim)).toEqual({ state: 'idle' })
      expect(await store.readLease(scope, { conversationId })).toBeNull()
      const { turn } = await world.say(agent, 'hello')
      const claimed = await store.claimWork(scope, claim)
      expect(claimed).toMatchObject({
        state: 'claimed',
        continues: false,
        work: { turn: { id: turn.id, state: 'executing' } },
      })
      const rival = { ...claim, owner: 'two', at: 1500 }
      expect(await store.claimWork(scope, rival)).toEqual({ state: 'held' })
      const unknown = { ...claim, conversationId: world.id('conversation') }
      expect(await store.claimWork(scope, unknown)).toEqual({ state: 'idle' })
    },
  },
  {
    name: 'claimWork() continues what the runner knows only when nobody else had the lease since',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      await world.exchange(agent, 'before')
      const { lease, work } = await world.start(agent, 'now')
      const known = { through: work.items.at(-1)?.position ?? 0, fence: lease.fence }
      await store.releaseLease(scope, { lease })
      const claim = { conversationId: lease.conversationId, owner: lease.owner, known }
      const at = world.at()
      const own = await store.claimWork(scope, { ...claim, at, until: at + 1 })
      expect(own).toMatchObject({ state: 'claimed', continues: true, work: { items: [] } })
      const later = { ...claim, owner: 'other', at: at + 5, until: at + 6, known: null }
      await store.claimWork(scope, later)
      const again = await store.claimWork(scope, { ...claim, at: at + 10, until: at + 20 })
      expect(again).toMatchObject({ state: 'claimed', continues: false })
      if (again.state === 'claimed') expect(textsOf(again.work.items)).toHaveLength(3)
    },
  },
  {
    name: 'retryTurn() opens a failed turn again with its input, steps and tail position',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'please')
      const failed = { status: 'failed', stopReason: 'llm_api_error' } as const
      await store.endTurn(scope, { lease, end: world.end(work, failed) })
      const run = { ...work.run, id: world.id('run'), createdAt: world.at() }
      const at = world.at()
      const input = { runId: work.run.id, run, completed: false, at }
      const result = await store.retryTurn(scope, input)
      expect(result).toMatchObject({
        duplicate: false,
        messages: [],
        run: { id: run.id, status: 'created', turnId: work.turn.id },
        turn: { id: work.turn.id, state: 'queued', stopReason: null },
      })
      const again = await world.begin(await world.claim(lease.conversationId))
      expect(again).toMatchObject({
        turn: { id: work.turn.id, state: 'executing' },
        run: { id: run.id, status: 'running' },
        items: work.items,
        tailPosition: work.tailPosition,
      })
      expect(await store.getRun(scope, { id: work.run.id })).toMatchObject({ status: 'failed' })
    },
  },
  {
    name: 'retryTurn() places an input that was cancelled before it began',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { turn, run } = await world.say(agent, 'early')
      const lease = await world.claim(defaultConversationId(agent.id))
      const end = world.end({ turn, run } as Parameters<World['end']>[0], {
        status: 'cancelled',
        stopReason: 'cancelled',
      })
      await store.endTurn(scope, { lease, end })
      const retry = { ...run, id: world.id('run') }
      const input = { runId: run.id, run: retry, completed: false, at: world.at() }
      await store.retryTurn(scope, input)
      const work = await world.begin(await world.claim(lease.conversationId))
      expect(textsOf(work.items)).toEqual(['early'])
    },
  },
  {
    name: 'retryTurn() refuses a turn that is open, has ended well, or is not the newest',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'one')
      const retry = async (runId: string, completed = false): Promise<unknown> => {
        const run = { ...work.run, id: world.id('run') }
        return await store.retryTurn(scope, { runId, run, completed, at: world.at() })
      }
      await expectRefused(retry(work.run.id), 'conflict')
      const failed = { status: 'failed', stopReason: 'error' } as const
      await store.endTurn(scope, { lease, end: world.end(work, failed) })
      const { run } = await world.say(agent, 'two')
      await expectRefused(retry(work.run.id), 'conflict')
      const again = await world.claim(lease.conversationId)
      const second = await world.begin(again)
      await store.commitStep(scope, world.stepCommit(again, second))
      await expectRefused(retry(run.id), 'conflict')
      await expectRefused(retry(world.id('run')), 'not_found')
      expect(await retry(run.id, true)).toMatchObject({ turn: { state: 'queued' } })
    },
  },
]

async function heir(
  world: World,
  lease: { conversationId: string; owner: string },
): ReturnType<World['claim']> {
  const at = world.at()
  const claimed = await world.store.claimLease(world.scope, {
    conversationId: lease.conversationId,
    owner: `heir-${at}`,
    at,
    until: at + 3_600_000,
    deadOwner: lease.owner,
  })
  if (claimed === null) throw new Error('The lease was not given')
  return claimed
}

function textsOf(items: Parameters<typeof messageItems>[0]): readonly string[] {
  return messageItems(items).flatMap(({ message }) =>
    message.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])),
  )
}
