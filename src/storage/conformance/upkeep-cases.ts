import { expect } from 'vitest'
import { groupOf, type SleeptimeGroup } from '../../domain/sleeptime.ts'
import type {
  NewAgent,
  SleeptimePair,
  TokenBudget,
  TokenSpending,
} from '../contract/agent-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'

/** What engines do for those who look after an agent's memory. */
export const upkeepCases: readonly ConformanceCase[] = [
  {
    name: 'spendTokens() counts a day up to its limit, takes back what was reserved, and begins anew with the next day',
    async run(world) {
      const agent = await world.agent()
      const spend = (input: Partial<TokenSpending>): Promise<TokenBudget> =>
        world.store.spendTokens(world.scope, {
          agentId: agent.id,
          day: 20_000,
          tokens: 0,
          limit: null,
          ...input,
        })
      expect(await spend({})).toEqual({ used: 0, isGranted: true, mark: 0 })
      expect(await spend({ tokens: 60, limit: 100 })).toMatchObject({ used: 60, isGranted: true })
      expect(await spend({ tokens: 41, limit: 100 })).toMatchObject({ used: 60, isGranted: false })
      expect(await spend({ tokens: -50, mark: 281_474_976_710_655 })).toMatchObject({ used: 10 })
      expect(await spend({ tokens: 95 })).toMatchObject({ used: 105, mark: 281_474_976_710_655 })
      expect(await spend({ day: 20_001, tokens: 5, limit: 100 })).toMatchObject({ used: 5 })
      expect(await spend({ tokens: -95 })).toMatchObject({ used: 0 })
      expect(await spend({ day: 20_001, tokens: -9 })).toMatchObject({ used: 0 })
      await expectRefused(spend({ agentId: world.id('agent') }), 'not_found')
    },
  },
  {
    name: 'spendTokens() grants two callers at once no more than the limit',
    async run(world) {
      const agent = await world.agent()
      const spending = { agentId: agent.id, day: 1, tokens: 60, limit: 100 }
      const budgets = await Promise.all(
        [1, 2, 3].map(() => world.store.spendTokens(world.scope, spending)),
      )
      expect(budgets.filter(({ isGranted }) => isGranted)).toHaveLength(1)
    },
  },
  {
    name: 'createSleeptimePair() stores an agent with the one that serves it, which shares its new blocks',
    async run(world) {
      const { store, scope } = world
      const block = world.newBlock({ label: 'human' })
      const served = world.newAgent({}, [block])
      const own = world.newBlock({ label: 'memory_persona' })
      const companion = world.newAgent({ blockIds: [block.id, own.id] }, [own])
      const group = groupWith(companion.agent.id)
      const agent = await store.createSleeptimePair(scope, { served, companion, group })
      expect(groupOf(agent)).toEqual(group)
      expect(agent).toMatchObject({ id: served.agent.id, extra: served.agent.extra, turnCount: 0 })
      const stored = await store.getAgent(scope, { id: companion.agent.id })
      expect(stored.blockIds).toEqual([block.id, own.id])
    },
  },
  {
    name: 'createSleeptimePair() serves an agent that is there once, and stores nothing where anything is refused',
    async run(world) {
      const { store, scope } = world
      const { id } = await world.agent()
      const served = { id, at: 9, updatedById: 'user-9' }
      const pair = (companion: NewAgent, of: SleeptimePair['served'] = served) => ({
        served: of,
        companion,
        group: groupWith(companion.agent.id),
      })
      const broken = world.newAgent({ blockIds: [world.id('block')] })
      await expectRefused(store.createSleeptimePair(scope, pair(broken)), 'not_found')
      const fresh = world.newAgent()
      await expectRefused(store.createSleeptimePair(scope, pair(broken, fresh)), 'not_found')
      const count = (): Promise<number> => store.countAgents(scope, { filter: {} })
      expect(await count()).toBe(1)
      expect(groupOf(await store.getAgent(scope, { id }))).toBeNull()
      const companion = world.newAgent()
      const agent = await store.createSleeptimePair(scope, pair(companion))
      expect(groupOf(agent)?.memberIds).toEqual([companion.agent.id])
      expect(agent).toMatchObject({ updatedAt: 9, updatedById: 'user-9' })
      const again = store.createSleeptimePair(scope, pair(world.newAgent()))
      await expectRefused(again, 'conflict')
      expect(await count()).toBe(2)
      await expectRefused(
        store.createSleeptimePair(scope, {
          ...pair(world.newAgent()),
          served: { ...served, id: world.id('agent') },
        }),
        'not_found',
      )
    },
  },
]

function groupWith(memberId: string): SleeptimeGroup {
  return { memberIds: [memberId], frequency: 5, isEnabled: true, description: 'Serves.' }
}
