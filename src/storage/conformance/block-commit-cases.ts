import { expect } from 'vitest'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'

/** What engines do with the blocks that a tool commit changes. */
export const blockCommitCases: readonly ConformanceCase[] = [
  {
    name: 'commitTool() creates, renames, describes and detaches blocks in one go',
    async run(world) {
      const { store, scope } = world
      const [one, two] = [world.newBlock({ label: 'one' }), world.newBlock({ label: 'two' })]
      const agent = await world.agent({}, [one, two])
      const { lease, work } = await world.start(agent, 'go')
      const step = world.stepCommit(lease, work, { tools: ['edit'] })
      await store.commitStep(scope, step)
      const fresh = world.newBlock({ label: 'two', version: 7 })
      const label = 'three'
      const commit = world.toolCommit(step, 0, {
        detachedBlocks: [{ blockId: two.id, expectedVersion: 1 }],
        blockEdits: [{ blockId: one.id, expectedVersion: 1, label, description: 'new' }],
        newBlocks: [fresh],
      })
      await store.commitTool(scope, commit)
      const blocks = await store.listAgentBlocks(scope, { agentId: agent.id })
      expect(blocks).toMatchObject([
        { id: one.id, label, description: 'new', value: one.value, version: 2 },
        { id: fresh.id, label: 'two', version: 1 },
      ])
      expect(await store.getBlock(scope, { id: two.id })).toEqual(two)
      const history = await store.listBlockVersions(scope, { id: fresh.id, limit: 9 })
      expect(history).toMatchObject([{ version: 1, ...commit.cause }])
      expect((await world.begin(lease)).blocks).toEqual(blocks)
    },
  },
  {
    name: 'commitTool() writes nothing when a label is taken, or a block to detach is not as expected',
    async run(world) {
      const { store, scope } = world
      const [one, two] = [world.newBlock({ label: 'one' }), world.newBlock({ label: 'two' })]
      const agent = await world.agent({}, [one, two])
      const loose = await world.block({ label: 'loose' })
      const { lease, work } = await world.start(agent, 'go')
      const step = world.stepCommit(lease, work, { tools: ['edit'] })
      await store.commitStep(scope, step)
      const edit = { blockId: one.id, expectedVersion: 1, value: 'never' }
      for (const given of [
        { blockEdits: [edit], newBlocks: [world.newBlock({ label: 'two' })] },
        { blockEdits: [{ ...edit, label: 'two' }] },
        { blockEdits: [edit], detachedBlocks: [{ blockId: two.id, expectedVersion: 2 }] },
        { blockEdits: [edit], detachedBlocks: [{ blockId: loose.id, expectedVersion: 1 }] },
        {
          blockEdits: [edit],
          detachedBlocks: [{ blockId: world.id('block'), expectedVersion: 1 }],
        },
      ]) {
        await expectRefused(store.commitTool(scope, world.toolCommit(step, 0, given)), 'conflict')
      }
      expect(await store.listAgentBlocks(scope, { agentId: agent.id })).toEqual([one, two])
      expect((await world.begin(lease)).toolCalls).toMatchObject([{ state: 'intended' }])
    },
  },
]
