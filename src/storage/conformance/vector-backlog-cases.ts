import { expect } from 'vitest'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import { forgetWrite, ownersOf } from './forget-samples.ts'
import { sampleArchive } from './samples.ts'
import { toEntry, World } from './world.ts'

/** What engines do about texts whose vectors are to be made. */
export const vectorBacklogCases: readonly ConformanceCase[] = [
  {
    name: 'findWithoutVectors() names the texts whose agent or archive has a model, until they have vectors of it',
    async run(world) {
      const { store, scope } = world
      expect(await store.findWithoutVectors(scope, { limit: 9 })).toEqual({
        owners: 0,
        models: [],
        items: [],
      })
      const agent = await world.agent({ embedding: 'p/one' })
      const other = await world.agent({ embedding: null })
      await world.say(other, 'nobody asks for vectors of this')
      await world.remember(other, 'nor of this')
      const said = [await world.say(agent, 'first'), await world.say(agent, 'second')]
      const [passage] = await world.remember(agent, 'kept')
      const ids = said.map(({ messages }) => messages[0]?.id ?? '')
      const model = 'p/one'
      const foundBy = expect.any(String) as string
      const message = (id: string) => ({ kind: 'message', id, model, foundBy }) as const
      const kept = { kind: 'passage', id: passage?.id ?? '', model, foundBy } as const
      const all = [...ids.map(message), kept]
      const found = { owners: 2, models: [model] }
      expect(await store.findWithoutVectors(scope, { limit: 9 })).toEqual({ ...found, items: all })
      expect((await store.findWithoutVectors(scope, { limit: 1 })).items).toEqual(all.slice(0, 1))
      const vector = [1, 0]
      const { items } = await store.findWithoutVectors(scope, { limit: 9 })
      await store.putVectors(scope, { items: items.slice(1).map((item) => ({ ...item, vector })) })
      expect((await store.findWithoutVectors(scope, { limit: 9 })).items).toEqual(all.slice(0, 1))
      await store.putVectors(scope, {
        items: items.slice(0, 1).map((item) => ({ ...item, vector })),
      })
      expect((await store.findWithoutVectors(scope, { limit: 9 })).items).toEqual([])
      await store.updateAgent(scope, {
        id: agent.id,
        at: world.at(),
        updatedById: scope.userId,
        set: { embedding: 'p/two' },
      })
      const anew = await store.findWithoutVectors(scope, { limit: 9 })
      expect(new Set(anew.items.map((item) => item.model))).toEqual(new Set(['p/two']))
      expect(anew.items).toHaveLength(3)
    },
  },
  {
    name: 'listVectorProgress() counts the texts of each model that is named, and which have a vector of it',
    async run(world) {
      const { store, scope } = world
      expect(await store.listVectorProgress(scope)).toEqual([])
      const agent = await world.agent({ embedding: 'p/one' })
      const other = await world.agent({ embedding: 'p/two' })
      await world.agent({ embedding: 'p/none' })
      await world.say(await world.agent({ embedding: null }), 'nobody asks for this')
      await world.say(agent, 'first')
      const [passage] = await world.remember(agent, 'kept', 'kept, too')
      await world.say(other, 'second')
      const put = async (model: string): Promise<unknown> =>
        await store.putVectors(scope, {
          items: [{ kind: 'passage', id: passage?.id ?? '', model, vector: [1, 0] }],
        })
      await put('p/one')
      // Nobody asks for vectors of this model among passages.
      await put('p/two')
      expect(await store.listVectorProgress(scope)).toEqual([
        { model: 'p/none', texts: 0, vectors: 0 },
        { model: 'p/one', texts: 3, vectors: 1 },
        { model: 'p/two', texts: 1, vectors: 0 },
      ])
      const limited = { ...scope, agentIds: [other.id] }
      expect(await store.listVectorProgress(limited)).toEqual([
        { model: 'p/two', texts: 1, vectors: 0 },
      ])
    },
  },
  {
    name: 'findPassageModel() is what the archive names, else what an agent of it does, as the vectors that are made',
    async run(world) {
      const { store, scope } = world
      const owner = await world.agent({ embedding: 'p/agent' })
      const other = await world.agent({ embedding: 'p/other' })
      const without = await world.agent({ embedding: null })
      const modelsOf = async (archiveId: string): Promise<readonly (string | null)[]> => [
        await store.findPassageModel(scope, { archiveId }),
        await store.findPassageModel(scope, { agentId: owner.id }),
      ]
      expect(await store.findPassageModel(scope, { agentId: owner.id })).toBe('p/agent')
      expect(await store.findPassageModel(scope, { agentId: without.id })).toBe(null)
      const archive = await store.createArchive(scope, {
        archive: sampleArchive({ id: world.id('archive'), createdAt: world.at() }),
        at: world.at(),
      })
      expect(await modelsOf(archive.id)).toEqual([null, 'p/agent'])
      const at = world.at()
      await store.attachArchive(scope, { agentId: without.id, archiveId: archive.id, at })
      expect(await store.findPassageModel(scope, { agentId: without.id })).toBe(null)
      await store.attachArchive(scope, { agentId: owner.id, archiveId: archive.id, at })
      expect(await modelsOf(archive.id)).toEqual(['p/agent', 'p/agent'])
      expect(await store.findPassageModel(scope, { agentId: without.id })).toBe('p/agent')
      const set = { embedding: 'p/archive' }
      await store.updateArchive(scope, { id: archive.id, at, set })
      expect(await modelsOf(archive.id)).toEqual(['p/archive', 'p/archive'])
      expect(await store.findPassageModel(scope, { agentId: other.id })).toBe('p/other')
      const { models } = await store.findWithoutVectors(scope, { limit: 1 })
      expect(new Set(models)).toEqual(new Set(['p/agent', 'p/other', 'p/archive']))
      const unknown = { archiveId: world.id('archive') }
      await expectRefused(store.findPassageModel(scope, unknown), 'not_found')
    },
  },
  {
    name: 'findWithoutVectors() passes models over, however many texts wait for them',
    async run(world) {
      const { store, scope } = world
      for (const embedding of ['p/one', 'p/two']) {
        const agent = await world.agent({ embedding })
        await world.say(agent, 'first')
        await world.say(agent, 'second')
      }
      for (const model of ['p/one', 'p/two']) {
        const other = model === 'p/one' ? 'p/two' : 'p/one'
        const { models, items } = await store.findWithoutVectors(scope, {
          limit: 1,
          except: [other, 'p/three'],
        })
        expect(new Set(models)).toEqual(new Set(['p/one', 'p/two']))
        expect(items).toMatchObject([{ model }])
      }
      const none = { limit: 9, except: ['p/one', 'p/two'] }
      expect(await store.findWithoutVectors(scope, none)).toMatchObject({ owners: 2, items: [] })
    },
  },
  {
    name: 'putVectors() gives a text no vector of what it was before it was cut or changed',
    async run(world) {
      const { store, scope } = world
      const model = 'p/one'
      const agent = await world.agent({ embedding: model })
      const { messages } = await world.say(agent, 'my locker opens with egret')
      const [changed, kept] = await world.remember(agent, 'an egret', 'a heron')
      const { items } = await store.findWithoutVectors(scope, { limit: 9 })
      const put = async (found: typeof items): Promise<readonly string[]> =>
        await store.putVectors(scope, { items: found.map((item) => ({ ...item, vector: [1, 0] })) })
      const edit = { passageId: changed?.id ?? '', expectedVersion: 1, text: 'a crane', tags: [] }
      await store.changeMemory(
        scope,
        world.memoryWrite(agent, { passageEdits: [{ ...edit, entry: toEntry(['crane']) }] }),
      )
      const owners = await store.findForgetOwners(scope, ownersOf(agent.id))
      const mark = await store.readForgetMark(scope, owners)
      const entry = toEntry(['my', 'locker', 'opens', 'with'])
      const entries = [{ itemId: messages[0]?.id ?? '', entry }]
      await store.applyForget(scope, forgetWrite(world, { owners, mark, entries }))
      expect(await put(items)).toEqual([kept?.id])
      const anew = await store.findWithoutVectors(scope, { limit: 9 })
      const ids = [messages[0]?.id, changed?.id]
      expect(anew.items.map(({ id }) => id)).toEqual(ids)
      expect(new Set(await put(anew.items))).toEqual(new Set(ids))
    },
  },
  {
    name: 'deleteVectors() removes a model’s vectors, after which another number of dimensions is taken',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const [passage] = await world.remember(agent, 'kept')
      const item = { kind: 'passage', id: passage?.id ?? '' } as const
      const owner = { kind: 'passage', agentId: agent.id } as const
      await store.putVectors(scope, {
        items: [
          { ...item, model: 'one', vector: [1, 0] },
          { ...item, model: 'two', vector: [1, 0] },
        ],
      })
      const wider = { items: [{ ...item, model: 'one', vector: [0, 1, 0] }] }
      await expectRefused(store.putVectors(scope, wider), 'embedding_dimension_mismatch')
      const stranger = new World(store)
      const theirs = await stranger.agent()
      const [kept] = await stranger.remember(theirs, 'kept')
      await store.putVectors(stranger.scope, {
        items: [{ kind: 'passage', id: kept?.id ?? '', model: 'one', vector: [1, 0] }],
      })
      expect(await store.deleteVectors(scope, { model: 'one' })).toBe(1)
      const count = { kind: 'passage', agentId: theirs.id, model: 'one' } as const
      expect(await store.countVectors(stranger.scope, count)).toBe(1)
      expect(await store.deleteVectors(scope, { model: 'one' })).toBe(0)
      expect(await store.countVectors(scope, { ...owner, model: 'one' })).toBe(0)
      expect(await store.countVectors(scope, { ...owner, model: 'two' })).toBe(1)
      await store.putVectors(scope, wider)
      const near = await store.searchPassageVectors(scope, {
        ...({ agentId: agent.id, model: 'one', vector: [0, 1, 0], limit: 9 } as const),
        ...({ tags: [], tagMatch: 'any', from: null, until: null } as const),
      })
      expect(near.items.map(({ similarity }) => similarity)).toEqual([1])
    },
  },
]
