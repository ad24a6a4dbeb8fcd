import { expect } from 'vitest'
import { defaultConversationId } from '../../domain/identifier.ts'
import { systemScope } from '../../domain/scope.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import type { World } from './world.ts'

/** What engines do with inputs and leases. */
export const acceptCases: readonly ConformanceCase[] = [
  {
    name: 'acceptInput() stores the message, turn and run, and the message is in the history at once',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const input = world.input(agent, 'remember the milk')
      const result = await store.acceptInput(scope, input)
      expect(result).toMatchObject({ duplicate: false, turn: input.turn, run: input.run })
      expect(await store.getRun(scope, { id: input.run.id })).toEqual(input.run)
      expect(await store.getTurn(scope, { id: input.turn.id })).toEqual(input.turn)
      const listed = await store.listMessages(scope, { agentId: agent.id, limit: 1, order: 'desc' })
      expect(listed).toEqual(result.messages)
      expect(await world.found(agent, 'milk')).toEqual([result.messages[0]?.id])
      const items = { conversationId: input.conversationId, fromPosition: 0, limit: 9 }
      expect(await store.listItems(scope, items)).toHaveLength(1)
    },
  },
  {
    name: 'acceptInput() refuses a conversation that does not exist, and writes nothing',
    async run(world) {
      const agent = await world.agent()
      const conversationId = world.id('conversation')
      await expectRefused(world.say(agent, 'lost', { conversationId }), 'not_found')
      expect(await world.found(agent, 'lost')).toEqual([])
    },
  },
  {
    name: 'acceptInput() with an otid of before returns the earlier run and writes nothing',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const first = await world.say(agent, 'once', { clientOtids: ['otid-1', 'otid-2'] })
      const again = await world.say(agent, 'twice', { clientOtids: ['new', 'otid-2'] })
      expect(again).toMatchObject({ duplicate: true, messages: [] })
      expect(again.run).toEqual(first.run)
      expect(again.turn).toEqual(first.turn)
      expect(await world.found(agent, 'twice')).toEqual([])
      const conversationId = defaultConversationId(agent.id)
      const found = await store.findRunByOtid(scope, { conversationId, otid: 'otid-1' })
      expect(found).toEqual(first.run)
      expect(await store.findRunByOtid(scope, { conversationId, otid: 'new' })).toBeNull()
      const byMessage = { conversationId, otid: first.messages[0]?.otid ?? '' }
      expect(await store.findRunByOtid(scope, byMessage)).toEqual(first.run)
      const other = await world.agent()
      const elsewhere = await world.say(other, 'once', { clientOtids: ['otid-1'] })
      expect(elsewhere.duplicate).toBe(false)
    },
  },
  {
    name: 'acceptInput() attaches a repeated request until its response was delivered',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const requestHash = 'hash'
      const first = await world.say(agent, 'one', { requestHash })
      const retryOf = { since: first.run.createdAt }
      const again = await world.say(agent, 'one', { requestHash, retryOf })
      expect(again).toMatchObject({ duplicate: true, run: { id: first.run.id } })
      const tooLate = { since: first.run.createdAt + 1 }
      const later = await world.say(agent, 'one', { requestHash, retryOf: tooLate })
      expect(later.duplicate).toBe(false)
      const other = await world.say(agent, 'one', { requestHash: 'other', retryOf })
      expect(other.duplicate).toBe(false)
      const runIds = [first, later].map(({ run }) => run.id)
      await store.markDelivered(scope, { runIds: [world.id('run'), ...runIds] })
      const afterwards = await world.say(agent, 'one', { requestHash, retryOf })
      expect(afterwards.duplicate).toBe(false)
    },
  },
  {
    name: 'acceptInput() refuses when busy only if it is asked to',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      await world.exchange(agent, 'over')
      const { run } = await world.say(agent, 'first', { rejectBusy: true })
      const refused = world.say(agent, 'second', { rejectBusy: true })
      await expect(refused).rejects.toMatchObject({
        code: 'conversation_busy',
        data: { run_id: run.id },
      })
      expect(await world.found(agent, 'second')).toEqual([])
      await world.say(agent, 'third')
      const page = { limit: 9, order: 'asc' } as const
      expect(await store.listRuns(scope, { filter: {}, page })).toHaveLength(3)
    },
  },
  {
    name: 'claimLease() gives a conversation to one owner at a time',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const conversationId = defaultConversationId(agent.id)
      expect(await store.readLease(scope, { conversationId })).toBeNull()
      const claim = { conversationId, owner: 'one', at: 1000, until: 2000 }
      const lease = await store.claimLease(scope, claim)
      expect(lease).toEqual({ conversationId, owner: 'one', fence: expect.any(Number) })
      expect(await store.claimLease(scope, { ...claim, owner: 'two', at: 1999 })).toBeNull()
      expect(await store.readLease(scope, { conversationId })).toEqual({ ...lease, until: 2000 })
      const renewed = await store.claimLease(scope, { ...claim, at: 1500, until: 3000 })
      expect(renewed).toEqual(lease)
      expect(await store.claimLease(scope, { ...claim, owner: 'two', at: 2500 })).toBeNull()
      const taken = await store.claimLease(scope, { ...claim, owner: 'two', at: 3000, until: 4000 })
      expect(taken?.fence).toBeGreaterThan(lease?.fence ?? 0)
      const unknown = { ...claim, conversationId: world.id('conversation') }
      await expectRefused(store.claimLease(scope, unknown), 'not_found')
    },
  },
  {
    name: 'claimLease() takes over at once from an owner that is known to be dead',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const conversationId = defaultConversationId(agent.id)
      const lease = await world.claim(conversationId, 'dead')
      const claim = { conversationId, owner: 'heir', at: world.at(), until: world.at() }
      expect(await store.claimLease(scope, { ...claim, deadOwner: 'other' })).toBeNull()
      const taken = await store.claimLease(scope, { ...claim, deadOwner: 'dead' })
      expect(taken?.fence).toBeGreaterThan(lease.fence)
      const until = world.at()
      await expectRefused(store.renewLease(scope, { lease, until }), 'lease_lost')
    },
  },
  {
    name: 'renewLease() moves the end; releaseLease() gives back once and never what another has',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const conversationId = defaultConversationId(agent.id)
      const lease = await world.claim(conversationId, 'one')
      const until = world.at() + 10_000
      await store.renewLease(scope, { lease, until })
      expect(await store.readLease(scope, { conversationId })).toEqual({ ...lease, until })
      await store.releaseLease(scope, { lease })
      await store.releaseLease(scope, { lease })
      expect(await store.readLease(scope, { conversationId })).toBeNull()
      await expectRefused(store.renewLease(scope, { lease, until }), 'lease_lost')
      const next = await world.claim(conversationId, 'one')
      expect(next.fence).toBeGreaterThan(lease.fence)
      await store.releaseLease(scope, { lease })
      expect(await store.readLease(scope, { conversationId })).toMatchObject(next)
    },
  },
  {
    name: 'listOpenWork() names each conversation with open turns once, oldest first, until it rests',
    async run(world) {
      const { store, scope } = world
      const [one, two] = [await world.agent(), await world.agent()]
      expect(await openWork(world)).toEqual([])
      const first = await world.say(one, 'first')
      await world.say(one, 'second')
      const other = await world.say(two, 'third')
      const lease = await world.claim(defaultConversationId(two.id))
      const work = await world.begin(lease)
      expect(await openWork(world)).toEqual([
        {
          scope,
          conversationId: first.turn.conversationId,
          turnId: first.turn.id,
          runId: first.run.id,
          lease: null,
        },
        {
          scope,
          conversationId: other.turn.conversationId,
          turnId: other.turn.id,
          runId: other.run.id,
          lease: { ...lease, until: expect.any(Number) },
        },
      ])
      await store.commitStep(scope, world.stepCommit(lease, work))
      const id = defaultConversationId(one.id)
      await store.updateConversation(scope, { id, at: world.at(), set: { state: 'paused' } })
      expect(await openWork(world)).toEqual([])
    },
  },
]

async function openWork(world: World): Promise<readonly object[]> {
  const all = await world.store.listOpenWork(systemScope, { at: world.at(), limit: 1000 })
  return all.filter(({ scope }) => scope.tenantId === world.scope.tenantId)
}
