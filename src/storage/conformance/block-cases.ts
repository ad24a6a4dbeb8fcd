import { expect } from 'vitest'
import type { Block } from '../../domain/block.ts'
import type { BlockFilter, BlockPatch } from '../contract/block-store.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import type { World } from './world.ts'

/** What engines do with blocks. */
export const blockCases: readonly ConformanceCase[] = [
  {
    name: 'createBlock() stores a block as it is given, at version 1, with its history',
    async run(world) {
      const block = await world.block({ version: 9 })
      expect(block).toMatchObject({ version: 1, value: 'Likes tea.\n\tAnd “quotes”; 中文 too.' })
      expect(await world.store.getBlock(world.scope, { id: block.id })).toEqual(block)
      expect(await history(world, block)).toEqual([
        {
          blockId: block.id,
          version: 1,
          label: block.label,
          value: block.value,
          description: block.description,
          limit: block.limit,
          readOnly: block.readOnly,
          details: {
            metadata: block.metadata,
            tags: block.tags,
            hidden: block.hidden,
            extra: block.extra,
          },
          createdAt: block.updatedAt,
          ...world.cause,
        },
      ])
      await expectRefused(world.block({ id: block.id }), 'conflict')
    },
  },
  {
    name: 'updateBlock() adds a version for each effective change and none otherwise',
    async run(world) {
      const block = await world.block()
      const same = update(world, block, { value: block.value, tags: [...block.tags] })
      expect(await world.store.updateBlock(world.scope, same)).toEqual(block)
      const input = update(world, block, { value: 'Likes coffee.', metadata: { b: 2 } })
      const changed = await world.store.updateBlock(world.scope, input)
      expect(changed).toEqual({
        ...block,
        value: 'Likes coffee.',
        metadata: { b: 2 },
        version: 2,
        updatedAt: input.at,
        updatedById: world.scope.userId,
      })
      expect(await world.store.getBlock(world.scope, { id: block.id })).toEqual(changed)
      expect((await history(world, block)).map(({ version, value }) => [version, value])).toEqual([
        [2, 'Likes coffee.'],
        [1, block.value],
      ])
    },
  },
  {
    name: 'updateBlock() compares the version when one is expected',
    async run(world) {
      const block = await world.block()
      const first = { ...update(world, block, { value: 'one' }), expectedVersion: 1 }
      await world.store.updateBlock(world.scope, first)
      const late = { ...update(world, block, { value: 'two' }), expectedVersion: 1 }
      await expectRefused(world.store.updateBlock(world.scope, late), 'conflict')
      expect(await world.store.getBlock(world.scope, { id: block.id })).toMatchObject({
        value: 'one',
        version: 2,
      })
      const unknown = update(world, { ...block, id: world.id('block') }, { value: 'x' })
      await expectRefused(world.store.updateBlock(world.scope, unknown), 'not_found')
    },
  },
  {
    name: 'updateBlock() refuses a label that an agent with the block has already',
    async run(world) {
      const one = world.newBlock({ label: 'one' })
      const two = world.newBlock({ label: 'two' })
      await world.agent({}, [one, two])
      const rename = update(world, two, { label: 'one' })
      await expectRefused(world.store.updateBlock(world.scope, rename), 'conflict')
      const free = update(world, two, { label: 'three' })
      expect(await world.store.updateBlock(world.scope, free)).toMatchObject({ label: 'three' })
    },
  },
  {
    name: 'listBlocks() filters',
    async run(world) {
      const one = await world.block({ label: 'alpha', value: 'Ärger', tags: ['x', 'y'] })
      const two = await world.block({
        label: 'beta',
        description: 'Zweite',
        tags: ['y'],
        extra: {},
      })
      const three = await world.block({ label: 'alpha', hidden: true, tags: [] })
      await world.agent({ blockIds: [one.id] })
      await world.agent({ blockIds: [one.id, two.id] })
      const cases: readonly (readonly [BlockFilter, readonly Block[]])[] = [
        [{}, [one, two]],
        [{ includeHidden: true }, [one, two, three]],
        [{ ids: [two.id] }, [two]],
        [{ label: 'alpha' }, [one]],
        [{ labelContains: 'ET' }, [two]],
        [{ descriptionContains: 'zweit' }, [two]],
        [{ valueContains: 'äRG' }, [one]],
        [{ tags: ['x', 'y'] }, [one, two]],
        [{ tags: ['x', 'y'], matchAllTags: true }, [one]],
        [{ agentCount: { min: 2 } }, [one]],
        [{ agentCount: { max: 1 } }, [two]],
        [{ agentCount: { oneOf: [0, 1] }, includeHidden: true }, [two, three]],
        [{ extra: { project_id: 'p' } }, [one]],
        [{ extra: { is_template: true } }, [one]],
        [{ extra: { is_template: false } }, []],
      ]
      for (const [filter, expected] of cases) {
        const page = { limit: 10, order: 'asc' } as const
        const blocks = await world.store.listBlocks(world.scope, { filter, page })
        expect([filter, blocks]).toEqual([filter, expected])
      }
    },
  },
  {
    name: 'listBlocks() pages in both directions and refuses an unknown cursor',
    async run(world) {
      const blocks = [await world.block(), await world.block(), await world.block()]
      const [first, second, third] = blocks.map((block) => block.id)
      const list = async (page: object): Promise<readonly string[]> => {
        const full = { limit: 2, order: 'asc', ...page } as const
        const found = await world.store.listBlocks(world.scope, { filter: {}, page: full })
        return found.map((block) => block.id)
      }
      expect(await list({})).toEqual([first, second])
      expect(await list({ after: second })).toEqual([third])
      expect(await list({ order: 'desc' })).toEqual([third, second])
      expect(await list({ order: 'desc', after: second })).toEqual([first])
      expect(await list({ before: third })).toEqual([first, second])
      await expectRefused(list({ after: world.id('block') }), 'not_found')
    },
  },
  {
    name: 'listBlocksOfAgents() gives each agent its blocks in prompt order',
    async run(world) {
      const shared = await world.block({ label: 'shared' })
      const own = world.newBlock({ label: 'own' })
      const one = await world.agent({ blockIds: [own.id, shared.id] }, [own])
      const two = await world.agent({ blockIds: [shared.id] })
      const three = await world.agent()
      const agentIds = [three.id, two.id, one.id, world.id('agent')]
      expect(await world.store.listBlocksOfAgents(world.scope, { agentIds })).toEqual({
        [one.id]: [own, shared],
        [two.id]: [shared],
        [three.id]: [],
      })
      const missing = { agentId: world.id('agent') }
      await expectRefused(world.store.listAgentBlocks(world.scope, missing), 'not_found')
    },
  },
  {
    name: 'deleteBlock() removes a block from its agents',
    async run(world) {
      const block = await world.block()
      const agent = await world.agent({ blockIds: [block.id] })
      await world.store.deleteBlock(world.scope, { id: block.id })
      const found = await world.store.getAgent(world.scope, { id: agent.id })
      expect(found.blockIds).toEqual([])
      await expectRefused(world.store.getBlock(world.scope, { id: block.id }), 'not_found')
      await expectRefused(world.store.deleteBlock(world.scope, { id: block.id }), 'not_found')
      await expectRefused(history(world, block), 'not_found')
    },
  },
  {
    name: 'listBlockVersions() pages from the newest back',
    async run(world) {
      const block = await world.block()
      for (const value of ['b', 'c', 'd']) {
        await world.store.updateBlock(world.scope, update(world, block, { value }))
      }
      const versions = await world.store.listBlockVersions(world.scope, {
        id: block.id,
        limit: 2,
        beforeVersion: 4,
      })
      expect(versions.map(({ version, value }) => [version, value])).toEqual([
        [3, 'c'],
        [2, 'b'],
      ])
    },
  },
]

function update(world: World, block: Block, set: BlockPatch['set']): BlockPatch {
  return { id: block.id, at: world.at(), cause: world.cause, set }
}

async function history(
  world: World,
  block: Block,
): ReturnType<World['store']['listBlockVersions']> {
  return await world.store.listBlockVersions(world.scope, { id: block.id, limit: 10 })
}
