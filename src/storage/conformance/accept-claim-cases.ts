import { expect } from 'vitest'
import { defaultConversationId } from '../../domain/identifier.ts'
import type { AgentPatch } from '../contract/agent-store.ts'
import type { ConversationPatch } from '../contract/conversation-store.ts'
import type { AcceptInput } from '../contract/turn-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { messageItems, type World } from './world.ts'

/** What engines do with inputs that are to be begun at once. */
export const acceptClaimCases: readonly ConformanceCase[] = [
  {
    name: 'acceptInput() begins with the input at once when it is asked to and the lease is to be had',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const conversationId = defaultConversationId(agent.id)
      const claim = wishOf(world, 'one')
      const accepted = await store.acceptInput(scope, world.input(agent, 'go', { claim }))
      if (accepted.claim?.state !== 'claimed') throw new Error('It was not to be had')
      const { lease, work, continues } = accepted.claim
      expect(continues).toBe(false)
      expect(lease).toMatchObject({ conversationId, owner: 'one' })
      expect(work).toMatchObject({
        turn: { id: accepted.turn.id, state: 'executing' },
        run: { id: accepted.run.id, status: 'running' },
      })
      expect(messageItems(work.items)).toHaveLength(1)
      expect(await world.begin(lease)).toEqual(work)
      await store.commitStep(scope, world.stepCommit(lease, work))
      const known = { through: work.tailPosition + 3, fence: lease.fence }
      const next = world.input(agent, 'on', { claim: { ...claim, known }, clientOtids: ['on'] })
      const again = await store.acceptInput(scope, next)
      expect(again.claim).toMatchObject({ state: 'claimed', continues: true })
      const repeated = world.input(agent, 'on', { claim, clientOtids: ['on'] })
      const duplicate = await store.acceptInput(scope, repeated)
      expect(duplicate).toMatchObject({ duplicate: true, claim: null })
    },
  },
  {
    name: 'acceptInput() accepts what cannot be claimed: another has the lease, or the conversation rests',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'first')
      const held = world.input(agent, 'second', { claim: wishOf(world, 'other') })
      expect(await store.acceptInput(scope, held)).toMatchObject({
        duplicate: false,
        claim: { state: 'held' },
      })
      await store.commitStep(scope, world.stepCommit(lease, work))
      expect(await world.begin(lease)).toMatchObject({ run: { id: held.run.id } })

      const resting = await world.agent()
      const id = defaultConversationId(resting.id)
      await store.pauseConversation(scope, { id, now: false, at: world.at() })
      const late = world.input(resting, 'third', { claim: wishOf(world, 'one') })
      expect(await store.acceptInput(scope, late)).toMatchObject({ claim: { state: 'idle' } })
      expect(await store.readLease(scope, { conversationId: id })).toBeNull()
      expect(await world.found(resting, 'third')).toHaveLength(1)
    },
  },
  {
    name: 'acceptInput() refuses what was checked against an agent or conversation that has changed since, and stores nothing',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const id = defaultConversationId(agent.id)
      const setAgent = async (set: AgentPatch['set']): Promise<unknown> =>
        await store.updateAgent(scope, {
          id: agent.id,
          at: world.at(),
          updatedById: scope.userId,
          set,
        })
      const setConversation = async (set: ConversationPatch['set']): Promise<unknown> =>
        await store.updateConversation(scope, { id, at: world.at(), set })
      const changes = [
        () => setAgent({ description: 'another' }),
        () => setAgent({ model: 'openai/another' }),
        () => setConversation({ model: 'openai/third' }),
        () => setConversation({ contextWindow: 5000 }),
      ]
      for (const [index, change] of changes.entries()) {
        const checkedAgainst = await store.getConversationWithAgent(scope, { id })
        await change()
        const input = { ...world.input(agent, `late ${index}`), checkedAgainst }
        const claim = wishOf(world, 'one')
        await expectRefused(store.acceptInput(scope, input), 'place_changed')
        await expectRefused(store.acceptInput(scope, { ...input, claim }), 'place_changed')
        expect(await world.found(agent, 'late')).toHaveLength(0)
        expect(await store.readLease(scope, { conversationId: id })).toBeNull()
      }
      const checkedAgainst = await store.getConversationWithAgent(scope, { id })
      const input = world.input(agent, 'now', { checkedAgainst, clientOtids: ['now'] })
      expect(await store.acceptInput(scope, input)).toMatchObject({ duplicate: false })
      await setAgent({ description: 'once more' })
      expect(await store.acceptInput(scope, input)).toMatchObject({ duplicate: true })
    },
  },
]

/** A wish of an owner that knows nothing of the view. */
function wishOf(world: World, owner: string): NonNullable<AcceptInput['claim']> {
  const at = world.at()
  return { owner, at, until: at + 3_600_000, known: null }
}
