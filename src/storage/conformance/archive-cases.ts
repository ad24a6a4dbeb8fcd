import { expect } from 'vitest'
import type { PassageListQuery } from '../contract/archive-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import type { World } from './world.ts'

/** What engines do with archives and passages. */
export const archiveCases: readonly ConformanceCase[] = [
  {
    name: 'createArchive() stores an archive as it is given, attached when an agent is named',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const archive = world.newArchive()
      const at = world.at()
      expect(await store.createArchive(scope, { archive, agentId: agent.id, at })).toEqual(archive)
      expect(await store.getArchive(scope, { id: archive.id })).toEqual(archive)
      expect(await listIds(world, { agentId: agent.id })).toEqual([archive.id])
      const second = { archive: world.newArchive(), agentId: agent.id, at }
      await expectRefused(store.createArchive(scope, second), 'conflict')
      await expectRefused(store.getArchive(scope, { id: second.archive.id }), 'not_found')
      const stranger = { archive: world.newArchive(), agentId: world.id('agent'), at }
      await expectRefused(store.createArchive(scope, stranger), 'not_found')
    },
  },
  {
    name: 'listArchives() filters and pages',
    async run(world) {
      const { store, scope } = world
      const archives = [
        world.newArchive({ name: 'a' }),
        world.newArchive({ name: 'b' }),
        world.newArchive({ name: 'b' }),
      ]
      for (const archive of archives) await store.createArchive(scope, { archive, at: world.at() })
      const [first, second, third] = archives.map(({ id }) => id)
      expect(await listIds(world, {})).toEqual([first, second, third])
      expect(await listIds(world, { name: 'b' })).toEqual([second, third])
      expect(await listIds(world, { page: { limit: 2, order: 'desc' } })).toEqual([third, second])
      const page = { limit: 2, order: 'asc', after: second ?? '' } as const
      expect(await listIds(world, { page })).toEqual([third])
      const unknown = { ...page, after: world.id('archive') }
      await expectRefused(listIds(world, { page: unknown }), 'not_found')
    },
  },
  {
    name: 'updateArchive() changes the fields that are present',
    async run(world) {
      const { store, scope } = world
      const archive = world.newArchive()
      await store.createArchive(scope, { archive, at: world.at() })
      const input = { id: archive.id, at: world.at(), set: { name: 'New', description: null } }
      const changed = await store.updateArchive(scope, input)
      expect(changed).toEqual({ ...archive, ...input.set, updatedAt: input.at })
      const unknown = { ...input, id: world.id('archive') }
      await expectRefused(store.updateArchive(scope, unknown), 'not_found')
    },
  },
  {
    name: 'attachArchive() gives an agent one archive; detachArchive() takes it away quietly',
    async run(world) {
      const { store, scope } = world
      const [one, two] = [await world.agent(), await world.agent()]
      await world.remember(one, 'shared note')
      const [archiveId = ''] = await listIds(world, { agentId: one.id })
      const link = { agentId: two.id, archiveId, at: world.at() }
      await store.attachArchive(scope, link)
      await store.attachArchive(scope, link)
      expect(await store.countPassages(scope, { agentId: two.id })).toBe(1)
      const other = world.newArchive()
      await store.createArchive(scope, { archive: other, at: world.at() })
      await expectRefused(store.attachArchive(scope, { ...link, archiveId: other.id }), 'conflict')
      const unknown = { ...link, archiveId: world.id('archive') }
      await expectRefused(store.attachArchive(scope, unknown), 'not_found')
      const stranger = { ...link, agentId: world.id('agent') }
      await expectRefused(store.attachArchive(scope, stranger), 'not_found')
      await store.detachArchive(scope, link)
      await store.detachArchive(scope, link)
      expect(await store.countPassages(scope, { agentId: two.id })).toBe(0)
      expect(await store.countPassages(scope, { agentId: one.id })).toBe(1)
    },
  },
  {
    name: 'deleteArchive() removes its passages from list and search',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const [passage] = await world.remember(agent, 'herons are grey')
      const id = passage?.archiveId ?? ''
      await store.deleteArchive(scope, { id })
      await expectRefused(store.deleteArchive(scope, { id }), 'not_found')
      expect(await store.getPassages(scope, { ids: [passage?.id ?? ''] })).toEqual([])
      expect(await store.countPassages(scope, { agentId: agent.id })).toBe(0)
      const list = { agentId: agent.id, limit: 9, order: 'asc' } as const
      expect(await store.listPassages(scope, list)).toEqual([])
    },
  },
  {
    name: 'createPassages() makes an agent’s archive once and fills it in',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const [first] = await world.remember(agent, 'one')
      const [second, third] = await world.remember(agent, 'two', 'three')
      expect(new Set([first, second, third].map((passage) => passage?.archiveId)).size).toBe(1)
      expect(await listIds(world, { agentId: agent.id })).toEqual([first?.archiveId])
      const ids = [third?.id ?? '', world.id('passage'), first?.id ?? '']
      expect(await store.getPassages(scope, { ids })).toEqual([first, third])
      const archiveId = first?.archiveId ?? ''
      const direct = [world.newPassage('four', { archiveId, metadata: { page: 4 } })]
      const stored = await store.createPassages(scope, {
        agent: null,
        passages: direct,
        at: world.at(),
      })
      expect(stored).toEqual(direct.map(({ passage }) => passage))
      const lost = [world.newPassage('five', { archiveId: world.id('archive') })]
      const input = { agent: null, passages: lost, at: world.at() }
      await expectRefused(store.createPassages(scope, input), 'not_found')
      const archive = world.newArchive()
      const stranger = { agentId: world.id('agent'), archive }
      await expectRefused(
        store.createPassages(scope, { agent: stranger, passages: [], at: world.at() }),
        'not_found',
      )
    },
  },
  {
    name: 'listPassages() orders by the time the text is about; after is newer, before is older',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const owner = { agentId: agent.id, archive: world.newArchive() }
      const passages = [
        world.newPassage('Newest ÄPFEL', { createdAt: 3000 }),
        world.newPassage('oldest', { createdAt: 1000 }),
        world.newPassage('same time', { createdAt: 2000 }),
        world.newPassage('same time, later', { createdAt: 2000 }),
      ]
      await store.createPassages(scope, { agent: owner, passages, at: world.at() })
      const [newest, oldest, same, later] = passages.map(({ passage }) => passage.id)
      const list = async (query: Partial<PassageListQuery>): Promise<readonly string[]> => {
        const full = { agentId: agent.id, limit: 9, order: 'asc', ...query } as const
        return (await store.listPassages(scope, full)).map(({ id }) => id)
      }
      expect(await list({})).toEqual([oldest, same, later, newest])
      expect(await list({ order: 'desc', limit: 2 })).toEqual([newest, later])
      for (const order of ['asc', 'desc'] as const) {
        expect(new Set(await list({ order, after: same ?? '' }))).toEqual(new Set([later, newest]))
        expect(await list({ order, before: same ?? '' })).toEqual([oldest])
      }
      expect(await list({ textContains: 'äpfel' })).toEqual([newest])
      expect(await list({ text: 'same time' })).toEqual([same])
      expect(await list({ text: 'Same time' })).toEqual([])
      await expectRefused(list({ after: world.id('passage') }), 'not_found')
      const unknown = { archiveId: world.id('archive'), limit: 1, order: 'asc' } as const
      await expectRefused(store.listPassages(scope, unknown), 'not_found')
    },
  },
  {
    name: 'listPassages() tells those that a tool or the web told from others',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const owner = { agentId: agent.id, archive: world.newArchive() }
      const origins = ['user', 'agent', 'tool', 'import'] as const
      const passages = origins.map((origin) => world.newPassage(origin, { origin }))
      const web = world.newPassage('web', { origin: 'web' })
      await store.createPassages(scope, {
        agent: owner,
        passages: [...passages, web],
        at: world.at(),
      })
      const query = { agentId: agent.id, untrusted: true, limit: 9, order: 'asc' } as const
      const texts = async (): Promise<readonly string[]> =>
        (await store.listPassages(scope, query)).map(({ text }) => text)
      expect(await texts()).toEqual(['tool', 'web'])
      const { passage, entry } = web
      const { id: passageId, text, tags } = passage
      const approval = { passageId, expectedVersion: 1, text, tags, origin: 'user', entry } as const
      await store.changeMemory(scope, world.memoryWrite(agent, { passageEdits: [approval] }))
      expect(await texts()).toEqual(['tool'])
      expect(await store.getPassages(scope, { ids: [passageId] })).toMatchObject([
        { text: 'web', origin: 'user' },
      ])
    },
  },
  {
    name: 'deletePassage() removes one from text and index, only where it is said to be',
    async run(world) {
      const { store, scope } = world
      const [agent, other] = [await world.agent(), await world.agent()]
      const [first, second] = await world.remember(agent, 'red heron', 'blue heron')
      await world.remember(other, 'green heron')
      const [elsewhere = ''] = await listIds(world, { agentId: other.id })
      const id = first?.id ?? ''
      for (const wrong of [{ archiveId: elsewhere }, { agentId: other.id }]) {
        await expectRefused(store.deletePassage(scope, { id, ...wrong }), 'not_found')
      }
      await store.deletePassage(scope, { id, agentId: agent.id })
      await expectRefused(store.deletePassage(scope, { id }), 'not_found')
      const found = await store.searchPassages(scope, {
        agentId: agent.id,
        terms: ['heron', 'red'],
        tags: [],
        tagMatch: 'any',
        from: null,
        until: null,
        limit: 9,
      })
      expect(found.documents.map(({ id }) => id)).toEqual([second?.id])
      expect(found.statistics).toEqual({
        documentCount: 1,
        tokenCount: 2,
        documentFrequency: { heron: 1, red: 0 },
      })
      expect(await store.countPassages(scope, { agentId: agent.id })).toBe(1)
    },
  },
  {
    name: 'listPassageTags() lists each tag once, alphabetically',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const owner = { agentId: agent.id, archive: world.newArchive() }
      const passages = [['b', 'a'], ['c', 'b'], []].map((tags) => world.newPassage('x', { tags }))
      await store.createPassages(scope, { agent: owner, passages, at: world.at() })
      const list = { agentId: agent.id, limit: 9 }
      expect(await store.listPassageTags(scope, list)).toEqual(['a', 'b', 'c'])
      expect(await store.listPassageTags(scope, { ...list, limit: 2 })).toEqual(['a', 'b'])
      const id = passages[0]?.passage.id ?? ''
      await store.deletePassage(scope, { id })
      expect(await store.listPassageTags(scope, list)).toEqual(['b', 'c'])
      const without = { agentId: (await world.agent()).id, limit: 9 }
      expect(await store.listPassageTags(scope, without)).toEqual([])
    },
  },
]

async function listIds(
  world: World,
  query: Partial<Parameters<World['store']['listArchives']>[1]>,
): Promise<readonly string[]> {
  const page = { limit: 9, order: 'asc' } as const
  const archives = await world.store.listArchives(world.scope, { page, ...query })
  return archives.map(({ id }) => id)
}
