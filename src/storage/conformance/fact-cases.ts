import { expect } from 'vitest'
import { defaultConversationId } from '../../domain/identifier.ts'
import { type Fact, factsAt, holdsAt } from '../../domain/fact.ts'
import type { FactQuery, FactWrite, NewFact } from '../contract/fact-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { newFact, stateFacts } from './state-facts.ts'
import { toEntry, toTokens, type World } from './world.ts'

/** What engines do with facts. */
export const factCases: readonly ConformanceCase[] = [
  {
    name: 'a value that begins later ends the one before, and both times can be asked for',
    async run(world) {
      const agent = await world.agent()
      const [debian, alpine] = [
        newFact(world, agent, { value: 'Debian', validFrom: 100 }),
        newFact(world, agent, { value: 'Alpine', validFrom: 200 }),
      ]
      const known = world.at()
      await stateFacts(world, agent, debian)
      const between = world.at()
      await stateFacts(world, agent, alpine)
      const list = lister(world, agent.id)
      expect(await list({ validAt: 300 })).toMatchObject([
        { ...alpine, version: 1, validUntil: null, isContested: false, closedAt: null },
      ])
      expect(await list({ validAt: 199 })).toMatchObject([{ value: 'Debian', validUntil: 200 }])
      expect(await list({ validAt: 200 })).toMatchObject([{ value: 'Alpine' }])
      expect(await list({ validAt: 99 })).toEqual([])
      expect(await list({ validAt: 300, knownAt: between })).toMatchObject([
        { value: 'Debian', validUntil: null },
      ])
      expect(await list({ validAt: 300, knownAt: known })).toEqual([])
      expect(await list({})).toMatchObject([{ value: 'Debian' }, { value: 'Alpine' }])
      expect(await list({ order: 'newest', limit: 1 })).toMatchObject([{ value: 'Alpine' }])
      await expectRefused(list({ agentId: world.id('agent') }), 'not_found')
    },
  },
  {
    name: 'a statement with an end interrupts the value before, which holds again after it',
    async run(world) {
      const agent = await world.agent()
      await stateFacts(
        world,
        agent,
        newFact(world, agent, { value: 'Porto', validFrom: 100 }),
        newFact(world, agent, { value: 'Berlin', validFrom: 200, statedUntil: 300 }),
      )
      const list = lister(world, agent.id)
      const values = async (validAt: number): Promise<readonly string[]> =>
        (await list({ validAt })).map(({ value }) => value)
      expect(await values(150)).toEqual(['Porto'])
      expect(await values(200)).toEqual(['Berlin'])
      expect(await values(299)).toEqual(['Berlin'])
      expect(await values(300)).toEqual(['Porto'])
      expect((await list({ validAt: 200 }))[0]?.validUntil).toBe(300)
    },
  },
  {
    name: 'values for the same time stand side by side as contested; added ones do not, and end nothing',
    async run(world) {
      const agent = await world.agent()
      const languages = { slot: 'user\nlanguage', isAdded: true }
      await stateFacts(
        world,
        agent,
        newFact(world, agent, { value: 'Alpine', validFrom: 100 }),
        newFact(world, agent, { value: 'Debian', validFrom: 100 }),
        newFact(world, agent, { value: 'German', validFrom: 100, ...languages }),
        newFact(world, agent, { value: 'Dutch', validFrom: 200, ...languages }),
      )
      const facts = await lister(world, agent.id)({ validAt: 500 })
      expect(new Set(facts.map(({ value, isContested }) => [value, isContested].join()))).toEqual(
        new Set(['Alpine,true', 'Debian,true', 'German,false', 'Dutch,false']),
      )
      const next = newFact(world, agent, { value: 'Arch', validFrom: 200 })
      await stateFacts(world, agent, next)
      const ever = await lister(world, agent.id)({})
      expect(new Set(ever.map(({ value, isContested }) => [value, isContested].join()))).toEqual(
        new Set(['Alpine,true', 'Debian,true', 'German,false', 'Dutch,false', 'Arch,false']),
      )
    },
  },
  {
    name: 'what a tool returned ends nothing that a person said: both are contested',
    async run(world) {
      const agent = await world.agent()
      await stateFacts(
        world,
        agent,
        newFact(world, agent, { value: 'Porto', validFrom: 100 }),
        newFact(world, agent, { value: 'Nowhere', validFrom: 200, origin: 'web' }),
      )
      const list = lister(world, agent.id)
      const ever = (await list({})).map(({ value, isContested }) => [value, isContested].join())
      expect(new Set(ever)).toEqual(new Set(['Porto,false', 'Nowhere,true']))
      expect(await list({ validAt: 300 })).toMatchObject([
        { value: 'Porto', isContested: true, validUntil: null },
        { value: 'Nowhere', isContested: true },
      ])
      await stateFacts(world, agent, newFact(world, agent, { value: 'Rome', validFrom: 300 }))
      expect(await list({ validAt: 300 })).toMatchObject([{ value: 'Rome', isContested: false }])
    },
  },
  {
    name: 'revisions and deletions are versions that end what was known, and are recorded as changes',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const fact = newFact(world, agent, { value: 'Porto', sourceMessageIds: ['message-1'] })
      const [created] = await stateFacts(world, agent, fact)
      expect(created).toMatchObject({
        subject: 'fact',
        itemId: fact.id,
        ownerId: agent.id,
        label: 'base images',
        action: 'create',
        version: 1,
        beforeHash: null,
        agentId: agent.id,
      })
      const first = world.at()
      const set = { value: 'Lisbon', valueKey: 'lisbon', sourceMessageIds: ['message-2'] }
      const entry = toEntry(['lisbon'])
      const expected = { factId: fact.id, expectedVersion: 1 }
      const edit: FactWrite = { action: 'edit', ...expected, set, entry }
      const [edited] = await write(world, agent.id, edit)
      expect(edited).toMatchObject({ action: 'edit', version: 2, beforeHash: created?.afterHash })
      await expectRefused(write(world, agent.id, edit), 'conflict')
      const list = lister(world, agent.id)
      expect(await list({ knownAt: first })).toMatchObject([{ value: 'Porto', version: 1 }])
      const second = world.at()
      expect(await list({ knownAt: second })).toMatchObject([{ value: 'Lisbon', version: 2 }])
      expect(await list({ sourceMessageIds: ['message-1'] })).toMatchObject([{ value: 'Lisbon' }])
      expect(await list({ sourceMessageIds: ['message-3'] })).toEqual([])
      const gone: FactWrite = { action: 'delete', factId: fact.id, expectedVersion: 2 }
      const [deleted] = await write(world, agent.id, gone)
      expect(deleted).toMatchObject({ action: 'delete', version: 3, afterHash: null })
      expect(await list({})).toEqual([])
      expect(await list({ knownAt: second })).toMatchObject([{ value: 'Lisbon' }])
      expect(await list({ knownAt: world.at() })).toEqual([])
      expect(await list({ knownAt: 'ever' })).toMatchObject([{ version: 1 }, { version: 2 }])
      await expectRefused(write(world, agent.id, gone), 'conflict')
      const [back] = await stateFacts(world, agent, { ...fact, ...set })
      expect(back).toMatchObject({ action: 'create', version: 4 })
      const versions = [1, 2, 3, 4].map((version) => ({
        subject: 'fact' as const,
        itemId: fact.id,
        version,
      }))
      const states = await store.getMemoryStates(scope, { agentId: agent.id, versions })
      const values = states.map((state) =>
        state !== null && 'fact' in state ? state.fact.value : null,
      )
      expect(values).toEqual(['Porto', 'Lisbon', null, 'Lisbon'])
      await store.forgetHistory(scope, { agentId: agent.id, itemId: fact.id })
      expect(await list({ knownAt: 'ever' })).toMatchObject([{ value: 'Lisbon', version: 4 }])
      const changes = await store.listMemoryChanges(scope, { agentId: agent.id, limit: 9 })
      expect(changes.filter(({ itemId }) => itemId === fact.id)).toEqual([])
    },
  },
  {
    name: 'the same value of a slot from the same time on is stored once',
    async run(world) {
      const agent = await world.agent()
      const fact = newFact(world, agent)
      await stateFacts(world, agent, fact)
      await expectRefused(stateFacts(world, agent, fact), 'conflict')
      await expectRefused(stateFacts(world, agent, { ...fact, id: world.id('fact') }), 'conflict')
      await expectRefused(stateFacts(world, await world.agent(), fact), 'not_found')
      expect(await lister(world, agent.id)({ knownAt: 'ever' })).toHaveLength(1)
    },
  },
  {
    name: 'commitTool() writes facts in its transaction, all or nothing',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const { lease, work } = await world.start(agent, 'go')
      const step = world.stepCommit(lease, work, { tools: ['remember_fact', 'remember_fact'] })
      await store.commitStep(scope, step)
      const fact = newFact(world, agent, { value: 'Alpine' })
      const create: FactWrite = { action: 'create', fact, entry: toEntry(['alpine']) }
      const late: FactWrite = { action: 'delete', factId: world.id('fact'), expectedVersion: 1 }
      const first = world.toolCommit(step, 0, { isLast: false, facts: [create] })
      const failing = store.commitTool(scope, { ...first, facts: [create, late] })
      await expectRefused(failing, 'conflict')
      const list = lister(world, agent.id)
      expect(await list({})).toEqual([])
      await store.commitTool(scope, first)
      expect(await list({})).toMatchObject([{ ...fact, version: 1, reason: 'test' }])
      await expectRefused(store.commitTool(scope, first), 'conflict')
      expect(await list({ knownAt: 'ever' })).toHaveLength(1)
      const changes = await store.listMemoryChanges(scope, {
        agentId: agent.id,
        runId: work.run.id,
        limit: 9,
      })
      expect(changes).toMatchObject([{ action: 'create', itemId: fact.id, agentId: agent.id }])
      expect(work.conversation.id).toBe(defaultConversationId(agent.id))
    },
  },
  {
    name: 'a turn is given what holds when it is read, instructions first, then what became known last, nothing that a tool or the web told',
    async run(world) {
      const agent = await world.agent()
      const at = Date.UTC(2026, 0, 1)
      const [old, later, instruction] = [
        newFact(world, agent, { value: 'Debian', validFrom: at }),
        newFact(world, agent, { value: 'Alpine', validFrom: at + 1 }),
        newFact(world, agent, { kind: 'instruction', slot: 'i', value: 'Never', isAdded: true }),
      ]
      await stateFacts(world, agent, instruction)
      await stateFacts(world, agent, old, newFact(world, agent, { slot: 'other', value: 'tea' }))
      await stateFacts(world, agent, later)
      const future = Date.UTC(2100, 0, 1)
      await stateFacts(world, agent, newFact(world, agent, { value: 'Void', validFrom: future }))
      const told = { value: 'Gentoo', validFrom: at + 2 } as const
      await stateFacts(world, agent, newFact(world, agent, { ...told, origin: 'web' }))
      await stateFacts(world, agent, newFact(world, agent, { slot: 'new', origin: 'tool' }))
      const held = { agentId: agent.id, origins: ['tool', 'web'], limit: 9 } as const
      expect(await world.store.listFacts(world.scope, held)).toHaveLength(2)
      const { work } = await world.start(agent, 'go')
      expect(work.facts.map(({ value }) => value)).toEqual(['Never', 'Alpine', 'tea'])
      expect(work.facts[1]?.validUntil).toBe(future)
    },
  },
  {
    name: 'searchFacts() finds what is known now, by its words, and no facts of others',
    async run(world) {
      const agent = await world.agent()
      const [one, two] = [
        newFact(world, agent, { value: 'herons fish' }),
        newFact(world, agent, { value: 'owls sleep', validFrom: 50 }),
      ]
      await stateFacts(world, agent, one, two)
      expect(await found(world, agent.id, 'herons')).toEqual([one.id])
      const set = { value: 'herons nest', valueKey: 'herons nest' }
      const expected = { factId: one.id, expectedVersion: 1 }
      const entry = toEntry(toTokens(set.value))
      await write(world, agent.id, { action: 'edit', ...expected, set, entry })
      await write(world, agent.id, { action: 'delete', factId: two.id, expectedVersion: 1 })
      expect(await found(world, agent.id, 'fish')).toEqual([])
      expect(await found(world, agent.id, 'nest')).toEqual([one.id])
      expect(await found(world, agent.id, 'owls')).toEqual([])
      expect(await found(world, (await world.agent()).id, 'nest')).toEqual([])
      await expectRefused(found(world, world.id('agent'), 'nest'), 'not_found')
    },
  },
  {
    name: 'lists go on behind a fact in every order',
    async run(world) {
      const agent = await world.agent()
      const facts = Array.from({ length: 7 }, (_, index) =>
        newFact(world, agent, {
          slot: `slot ${index % 3}`,
          value: `value ${index}`,
          validFrom: 100 + (index % 2),
        }),
      )
      await stateFacts(world, agent, ...facts)
      const list = lister(world, agent.id)
      for (const order of ['slot', 'time', 'newest', 'known'] as const) {
        const all = await list({ order })
        const paged: Fact[] = []
        for (let page = await list({ order, limit: 2 }); page.length > 0;) {
          paged.push(...page)
          page = await list({ order, limit: 2, after: page.at(-1)?.id ?? '' })
        }
        expect(paged).toEqual(all)
        expect(all).toHaveLength(facts.length)
      }
    },
  },
  {
    name: 'what holds is what the rule of the domain says, for any statements',
    async run(world) {
      const random = randomNumbers(20_261_127)
      const pick = (count: number): number => Math.floor(random() * count)
      for (let round = 0; round < 6; round += 1) {
        const agent = await world.agent()
        const facts = Array.from({ length: 14 }, (_, index): NewFact => {
          const validFrom = 100 * pick(6)
          return newFact(world, agent, {
            slot: `slot ${pick(2)}`,
            value: `value ${pick(4)}`,
            // Never the same value from the same time on twice.
            valueKey: `value ${pick(4)} ${index % 5}`,
            validFrom: validFrom + index,
            statedUntil: pick(3) === 0 ? validFrom + 100 * (1 + pick(3)) : null,
            isAdded: pick(5) === 0,
            origin: pick(4) === 0 ? 'web' : 'user',
          })
        })
        await stateFacts(world, agent, ...facts)
        for (let validAt = 0; validAt <= 800; validAt += 50) {
          const expected = facts.filter((fact) => holdsAt(fact, facts, validAt))
          const listed = await lister(world, agent.id)({ validAt })
          const known = await lister(world, agent.id)({})
          const view = factsAt(known, validAt).toSorted((a, b) => (a.id < b.id ? -1 : 1))
          expect(listed.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(view)
          expect(listed.map(({ id }) => id).toSorted()).toEqual(
            expected.map(({ id }) => id).toSorted(),
          )
          for (const fact of listed) {
            const rivals = expected.filter(
              (other) =>
                other.slot === fact.slot && !other.isAdded && other.valueKey !== fact.valueKey,
            )
            expect(fact.isContested).toBe(!fact.isAdded && rivals.length > 0)
          }
        }
      }
    },
  },
]

function lister(
  { store, scope }: World,
  agentId: string,
): (query: Partial<FactQuery>) => Promise<readonly Fact[]> {
  return (query) => store.listFacts(scope, { agentId, limit: 100, ...query })
}

async function write(
  world: World,
  agentId: string,
  ...facts: readonly FactWrite[]
): ReturnType<World['store']['changeMemory']> {
  return await world.store.changeMemory(world.scope, world.memoryWrite({ id: agentId }, { facts }))
}

async function found(
  { store, scope }: World,
  agentId: string,
  term: string,
): Promise<readonly string[]> {
  const query = { agentId, terms: [term], from: null, until: null, limit: 9 }
  return (await store.searchFacts(scope, query)).documents.map(({ id }) => id)
}

/** A repeatable sequence of numbers in [0, 1). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
