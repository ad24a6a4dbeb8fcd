import { expect } from 'vitest'
import type { Agent } from '../../domain/agent.ts'
import type { MessageSearch, PassageSearch } from '../contract/search-store.ts'
import type { NewVector, VectorQuery } from '../contract/vector-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import type { World } from './world.ts'

const model = 'test/small'
const message = { kind: 'message' } as const
const passage = { kind: 'passage' } as const

/** What engines do with vectors. */
export const vectorCases: readonly ConformanceCase[] = [
  {
    name: 'searchMessageVectors() finds the nearest first, with cosines and the statistics of the scope',
    async run(world) {
      const [agent, other] = [await world.agent(), await world.agent()]
      const [east, north, west] = await say(world, agent, ['east', 'north', 'west'])
      const [elsewhere] = await say(world, other, ['elsewhere'])
      const stored = await put(world, message, [
        [east, [3, 0]],
        [north, [0, 0.5]],
        [west, [-1e30, 0]],
        [elsewhere, [1, 0]],
      ])
      expect(new Set(stored)).toEqual(new Set([east, north, west, elsewhere]))
      const found = await search(world, agent, { vector: [4, 3] })
      expect(found.items.map(({ item }) => item.id)).toEqual([east, north, west])
      expect(found.items[0]?.item).toMatchObject({ content: [{ type: 'text', text: 'east' }] })
      expect(found.items.map(({ similarity }) => Number(similarity.toFixed(5)))).toEqual([
        0.8, 0.6, -0.8,
      ])
      expect(found.statistics.vectorCount).toBe(3)
      expect(found.statistics.meanSimilarity).toBeCloseTo(0.2, 5)
      expect((await search(world, agent, { vector: [4, 3], limit: 1 })).items).toHaveLength(1)
    },
  },
  {
    name: 'searchMessageVectors() puts the newer first among equals, then the greater id',
    async run(world) {
      const agent = await world.agent()
      const createdAt = world.at()
      const messages = [createdAt, createdAt + 5000, createdAt].map((time) =>
        world.message(agent, 'same', { createdAt: time }),
      )
      await world.say(agent, '', { messages })
      const [one, newest, two] = messages.map(({ message }) => message.id)
      await put(
        world,
        message,
        [two, newest, one].map((id) => [id, [1, 1, 1]]),
      )
      const [last, middle] = [one ?? '', two ?? ''].toSorted()
      for (const limit of [3, 2, 1]) {
        const { items } = await search(world, agent, { vector: [1, 0, 0], limit })
        expect(items.map(({ item }) => item.id)).toEqual([newest, middle, last].slice(0, limit))
      }
    },
  },
  {
    name: 'searchMessageVectors() filters before the limit',
    async run(world) {
      const agent = await world.agent()
      const side = await world.conversation(agent)
      const first = await world.say(agent, 'one')
      const second = await world.say(agent, 'two', { conversationId: side.id })
      const third = await world.exchange(agent, 'go on', 'three')
      const [one, two] = [first.messages[0], second.messages[0]]
      const answer = third.item?.message
      await put(world, message, [
        [one?.id, [1, 0]],
        [two?.id, [1, 0.1]],
        [answer?.id, [1, 0.2]],
      ])
      const cases: readonly (readonly [Partial<MessageSearch>, readonly unknown[]])[] = [
        [{}, [one, two, answer]],
        [{ roles: ['assistant'] }, [answer]],
        [{ roles: ['user'] }, [one, two]],
        [{ roles: [] }, []],
        [{ conversationId: side.id }, [two]],
        [{ from: two?.createdAt ?? 0 }, [two, answer]],
        [{ until: two?.createdAt ?? 0 }, [one, two]],
        [{ excludeIds: [one?.id ?? '', answer?.id ?? ''] }, [two]],
        [{ roles: ['assistant', 'tool'], limit: 1 }, [answer]],
      ]
      for (const [query, expected] of cases) {
        for (const exactUpTo of [0, 100]) {
          const found = await search(world, agent, { vector: [1, 0], exactUpTo, ...query })
          expect([query, found.items.map(({ item }) => item)]).toEqual([query, expected])
          expect(found.statistics.vectorCount).toBe(3)
        }
      }
    },
  },
  {
    name: 'searchPassageVectors() searches an agent’s archive or the one that is named, by tags and time',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const owner = { agentId: agent.id, archive: world.newArchive() }
      const passages = [
        world.newPassage('a', { tags: ['a', 'b'], createdAt: 1000 }),
        world.newPassage('b', { tags: ['b'], createdAt: 2000 }),
        world.newPassage('c', { tags: [], createdAt: 3000 }),
      ]
      const [kept] = await store.createPassages(scope, { agent: owner, passages, at: world.at() })
      const [one, two, three] = passages.map(({ passage }) => passage.id)
      await put(world, passage, [
        [one, [1, 0]],
        [two, [1, 1]],
        [three, [0, 1]],
      ])
      const archiveId = kept?.archiveId ?? ''
      const cases: readonly (readonly [Partial<PassageSearch>, readonly unknown[]])[] = [
        [{ agentId: agent.id }, [one, two, three]],
        [{ archiveId }, [one, two, three]],
        [{ archiveId, tags: ['a', 'b'] }, [one, two]],
        [{ archiveId, tags: ['a', 'b'], tagMatch: 'all' }, [one]],
        [{ archiveId, tags: ['c'] }, []],
        [{ archiveId, from: 2000 }, [two, three]],
        [{ archiveId, until: 2000 }, [one, two]],
      ]
      for (const [query, expected] of cases) {
        const { items } = await searchPassages(world, { vector: [1, 0], ...query })
        expect([query, items.map(({ item }) => item.id)]).toEqual([query, expected])
      }
      const without = await world.agent()
      expect(await searchPassages(world, { vector: [1, 0], agentId: without.id })).toEqual(nothing)
      const unknown = { vector: [1, 0], archiveId: world.id('archive') }
      await expectRefused(searchPassages(world, unknown), 'not_found')
    },
  },
  {
    name: 'putVectors() replaces the vector of the same item and model only',
    async run(world) {
      const agent = await world.agent()
      const [one, two] = await say(world, agent, ['one', 'two'])
      await put(world, message, [
        [one, [1, 0]],
        [two, [0.6, 0.8]],
      ])
      await put(world, { kind: 'message', model: 'test/large' }, [[one, [1, 0, 0]]])
      const query = { vector: [1, 0] }
      expect((await search(world, agent, query)).items.map(({ item }) => item.id)).toEqual([
        one,
        two,
      ])
      await put(world, message, [[one, [0, 1]]])
      const found = await search(world, agent, query)
      expect(found.items.map(({ item }) => item.id)).toEqual([two, one])
      expect(found.statistics.vectorCount).toBe(2)
      expect(found.statistics.meanSimilarity).toBeCloseTo(0.3, 5)
      const large = await search(world, agent, { vector: [1, 0, 0], model: 'test/large' })
      expect(large.items.map(({ item, similarity }) => [item.id, similarity])).toEqual([[one, 1]])
      await put(world, message, [
        [two, [1, 0]],
        [two, [0, 1]],
      ])
      expect((await search(world, agent, query)).items[0]?.similarity).toBeCloseTo(0, 5)
      expect(await count(world, agent)).toBe(2)
    },
  },
  {
    name: 'putVectors() passes over what is not there or not searchable',
    async run(world) {
      const agent = await world.agent()
      const seen = world.message(agent, 'seen')
      const silent = world.message(agent, 'silent', { searchable: false })
      await world.say(agent, '', { messages: [seen, silent] })
      const [one, two] = [seen.message.id, silent.message.id]
      expect(
        await put(world, message, [
          [one, [1]],
          [two, [1]],
          [world.id('message'), [1]],
        ]),
      ).toEqual([one])
      expect(await put(world, passage, [[one, [1]]])).toEqual([])
      expect(await world.store.putVectors(world.scope, { items: [] })).toEqual([])
      expect(await count(world, agent)).toBe(1)
    },
  },
  {
    name: 'putVectors() refuses another dimension than that of the model, and stores nothing then',
    async run(world) {
      const [agent, other] = [await world.agent(), await world.agent()]
      const [one, two] = await say(world, agent, ['one', 'two'])
      const [far] = await say(world, other, ['far'])
      const mismatch = 'embedding_dimension_mismatch'
      const pair = [
        [one, [1, 0]],
        [two, [1, 0, 0]],
      ] as const
      await expectRefused(put(world, message, pair), mismatch)
      expect(await count(world, agent)).toBe(0)
      await put(world, message, [[one, [1, 0]]])
      await expectRefused(put(world, message, [[far, [1, 0, 0]]]), mismatch)
      await expectRefused(search(world, agent, { vector: [1, 0, 0] }), mismatch)
      await expectRefused(search(world, other, { vector: [1] }), mismatch)
      expect(await search(world, other, { vector: [1, 1] })).toEqual(nothing)
      await world.store.deleteAgent(world.scope, { id: agent.id })
      expect(await put(world, message, [[far, [1, 0, 0]]])).toEqual([far])
    },
  },
  {
    name: 'vectors without a direction or with numbers that are not finite are refused',
    async run(world) {
      const agent = await world.agent()
      const [one] = await say(world, agent, ['one'])
      const unusable = [
        [],
        [0, 0],
        [1, Number.NaN],
        [Number.POSITIVE_INFINITY],
        Array(16_001).fill(1),
      ]
      for (const vector of unusable) {
        await expectRefused(put(world, message, [[one, vector]]), 'invalid_argument')
        await expectRefused(search(world, agent, { vector }), 'invalid_argument')
      }
      expect(await count(world, agent)).toBe(0)
      const stranger = { ...agent, id: world.id('agent') }
      await expectRefused(search(world, stranger, { vector: [1] }), 'not_found')
      await expectRefused(count(world, stranger), 'not_found')
    },
  },
  {
    name: 'a vector goes with its message, passage, conversation, archive or agent',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const side = await world.conversation(agent)
      const [one] = await say(world, agent, ['one'])
      const { messages } = await world.say(agent, 'two', { conversationId: side.id })
      await put(world, message, [
        [one, [1, 0]],
        [messages[0]?.id, [0.9, 0.1]],
      ])
      const found = async (): Promise<readonly string[]> =>
        (await search(world, agent, { vector: [1, 0] })).items.map(({ item }) => item.id)
      expect(await found()).toHaveLength(2)
      await store.deleteConversation(scope, { id: side.id })
      expect(await found()).toEqual([one])
      expect(await count(world, agent)).toBe(1)

      const passages = await world.remember(agent, 'a', 'b', 'c')
      const archiveId = passages[0]?.archiveId ?? ''
      await put(
        world,
        passage,
        passages.map(({ id }, index) => [id, [1, index]]),
      )
      const owner = { kind: 'passage', archiveId, model } as const
      const near = { vector: [1, 0], archiveId }
      expect((await searchPassages(world, near)).items[0]?.item.id).toBe(passages[0]?.id)
      await store.deletePassage(scope, { id: passages[0]?.id ?? '' })
      expect(await store.countVectors(scope, owner)).toBe(2)
      const nearest = await searchPassages(world, { ...near, limit: 1 })
      expect(nearest.items.map(({ item }) => item.id)).toEqual([passages[1]?.id])
      const left = await searchPassages(world, near)
      expect(left.items.map(({ item }) => item.id)).toEqual([passages[1]?.id, passages[2]?.id])
      await store.deleteArchive(scope, { id: archiveId })
      await expectRefused(store.countVectors(scope, owner), 'not_found')
      await store.deleteAgent(scope, { id: agent.id })
      const other = await world.agent()
      expect(await search(world, other, { vector: [1, 0, 0] })).toEqual(nothing)
    },
  },
  {
    name: 'searchPassageVectors() finds 95 % of the nearest in a large scope, whatever changes in it',
    async run(world) {
      const agent = await world.agent()
      const random = createRandom(7)
      const centres = Array.from({ length: 40 }, () => randomVector(random, 1))
      const texts = Array.from({ length: largeScope }, (_, index) => `t${index}`)
      const ids: string[] = []
      for (let start = 0; start < texts.length; start += 500) {
        const part = await world.remember(agent, ...texts.slice(start, start + 500))
        ids.push(...part.map(({ id }) => id))
      }
      const large = { kind: 'passage', exactUpTo: 500 } as const
      const near = (): number[] => {
        const centre = centres[Math.floor(random() * centres.length)] ?? []
        const noise = randomVector(random, 0.6)
        return centre.map((value, index) => value + (noise[index] ?? 0) + 0.3)
      }
      for (let start = 0; start < ids.length; start += 500) {
        const part = ids.slice(start, start + 500).map((id) => [id, near()] as const)
        await put(world, large, part)
      }
      await put(
        world,
        large,
        ids.slice(0, 20).map((id) => [id, near()] as const),
      )
      await world.store.deletePassage(world.scope, { id: ids[30] ?? '' })
      const queries = Array.from({ length: 20 }, () => ({
        agentId: agent.id,
        vector: near(),
        limit: 10,
      }))
      // One way after the other: an engine may keep what the last way needed.
      const exact = await searchEach(world, queries, 1_000_000)
      const fast = await searchEach(world, queries, 500)
      const recalls = exact.map(({ items, statistics }, index) => {
        const wanted = new Set(items.map(({ item }) => item.id))
        expect(wanted.size).toBe(10)
        const found = fast[index] ?? nothing
        expect(found.statistics.vectorCount).toBe(largeScope - 1)
        expect(found.statistics.meanSimilarity).toBeCloseTo(statistics.meanSimilarity, 1)
        return found.items.filter(({ item }) => wanted.has(item.id)).length / 10
      })
      const recall = recalls.reduce((sum, each) => sum + each, 0) / recalls.length
      expect(recall).toBeGreaterThanOrEqual(0.95)
    },
  },
]

async function searchEach(
  world: World,
  queries: readonly Parameters<typeof searchPassages>[1][],
  exactUpTo: number,
): Promise<Awaited<ReturnType<typeof searchPassages>>[]> {
  const found: Awaited<ReturnType<typeof searchPassages>>[] = []
  for (const query of queries) found.push(await searchPassages(world, { ...query, exactUpTo }))
  return found
}

/** How many vectors the large scope has: three times as many as are compared one by one. */
const largeScope = 1500

const dimension = 64

const nothing = { items: [], statistics: { vectorCount: 0, meanSimilarity: 0 } }

async function say(world: World, agent: Agent, texts: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (const text of texts) {
    const { messages } = await world.say(agent, text)
    ids.push(messages[0]?.id ?? '')
  }
  return ids
}

async function put(
  world: World,
  given: { readonly kind: NewVector['kind']; readonly model?: string; readonly exactUpTo?: number },
  vectors: readonly (readonly [string | undefined, readonly number[]])[],
): Promise<readonly string[]> {
  const { exactUpTo, ...item } = given
  const items = vectors.map(([id = '', vector]) => ({ model, ...item, id, vector }))
  const limit = exactUpTo === undefined ? {} : { exactUpTo }
  return await world.store.putVectors(world.scope, { items, ...limit })
}

async function search(
  world: World,
  agent: Agent,
  query: Partial<MessageSearch & VectorQuery> & Pick<VectorQuery, 'vector'>,
): ReturnType<World['store']['searchMessageVectors']> {
  return await world.store.searchMessageVectors(world.scope, {
    agentId: agent.id,
    model,
    roles: ['user', 'assistant', 'tool'],
    from: null,
    until: null,
    excludeIds: [],
    limit: 300,
    ...query,
  })
}

async function searchPassages(
  world: World,
  query: Partial<PassageSearch & VectorQuery> & Pick<VectorQuery, 'vector'>,
): ReturnType<World['store']['searchPassageVectors']> {
  const common = { model, tags: [], tagMatch: 'any', from: null, until: null, limit: 300 } as const
  return await world.store.searchPassageVectors(world.scope, { ...common, ...query })
}

async function count(world: World, agent: Agent): Promise<number> {
  return await world.store.countVectors(world.scope, { kind: 'message', agentId: agent.id, model })
}

/** Numbers from 0 to 1, the same for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

function randomVector(random: () => number, size: number): number[] {
  return Array.from({ length: dimension }, () => (random() + random() + random() - 1.5) * size)
}
