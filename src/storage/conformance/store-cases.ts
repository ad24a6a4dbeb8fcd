import { expect } from 'vitest'
import { defaultConversationId } from '../../domain/identifier.ts'
import type { ConformanceCase } from './conformance-case.ts'

/** What engines do whatever the operation. */
export const storeCases: readonly ConformanceCase[] = [
  {
    name: 'the description says what was opened',
    async run(world) {
      const { description } = world.store
      expect(description.databaseId).toMatch(/^[0-9a-f-]{36}$/)
      expect(description.schemaVersion).toBeGreaterThan(0)
      expect(description.owner.length).toBeGreaterThan(0)
    },
  },
  {
    name: 'ownerState() knows that this process lives and that an owner nobody registered does not',
    async run(world) {
      const { owner } = world.store.description
      expect(await world.store.ownerState(owner)).toBe('alive')
      expect(await world.store.ownerState('../somebody')).not.toBe('alive')
    },
  },
  {
    name: 'watch() tells of own commits until it is ended',
    async run(world) {
      const { store } = world
      const told: string[] = []
      const end = store.watch(() => told.push('one'))
      const endOther = store.watch(() => told.push('two'))
      await world.block()
      expect(told).toEqual(expect.arrayContaining(['one', 'two']))
      end()
      end()
      told.length = 0
      await world.block()
      expect(told).not.toContain('one')
      expect(told).toContain('two')
      endOther()
    },
  },
  {
    name: 'operations issued together do not share their failures',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const block = world.newBlock()
      const blocks = Array.from({ length: 20 }, () => world.newBlock())
      await store.createBlock(scope, { block, cause: world.cause })
      const results = await Promise.allSettled([
        world.say(agent, 'with the others'),
        ...blocks
          .slice(0, 10)
          .map((each) => store.createBlock(scope, { block: each, cause: world.cause })),
        store.createBlock(scope, { block, cause: world.cause }),
        store.deleteAgent(scope, { id: world.id('agent') }),
        store.updateBlock(scope, {
          id: block.id,
          at: world.at(),
          cause: world.cause,
          set: { value: 'second' },
        }),
        ...blocks
          .slice(10)
          .map((each) => store.createBlock(scope, { block: each, cause: world.cause })),
        world.say(agent, 'among the others'),
      ])
      const failed = results.flatMap((result, index) =>
        result.status === 'rejected' ? [index] : [],
      )
      expect(failed).toEqual([11, 12])
      expect(results[11]).toMatchObject({ reason: { code: 'conflict' } })
      expect(results[12]).toMatchObject({ reason: { code: 'not_found' } })
      const page = { limit: 99, order: 'asc' } as const
      expect(await store.listBlocks(scope, { filter: {}, page })).toHaveLength(21)
      expect(await store.getBlock(scope, { id: block.id })).toMatchObject({ value: 'second' })
      expect(await world.found(agent, 'among')).toHaveLength(1)
    },
  },
  {
    name: 'an operation that fails half-way leaves nothing behind',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const taken = await world.say(agent, 'first')
      const input = world.input(agent, 'unfinished heron')
      const clash = { ...input, run: { ...input.run, id: taken.run.id } }
      await expect(store.acceptInput(scope, clash)).rejects.toMatchObject({ code: 'conflict' })
      expect(await world.found(agent, 'heron')).toEqual([])
      expect(await store.countMessages(scope, { agentId: agent.id })).toBe(2)
      const next = await world.say(agent, 'second')
      expect(next.messages[0]?.sequence).toBeGreaterThan(taken.messages[0]?.sequence ?? 0)
      const items = { conversationId: defaultConversationId(agent.id), fromPosition: 0, limit: 9 }
      expect(await store.listItems(scope, items)).toHaveLength(1)
    },
  },
  {
    name: 'long and unusual texts come back as they were',
    async run(world) {
      const texts = [
        'x'.repeat(1_000_000),
        '👩🏽‍🚀 \u{10ffff} \ufeff\u2028',
        `quote ' " \\ \u0001 \r\n`,
        '',
      ]
      for (const value of texts) {
        const block = await world.block({ value, metadata: { value } })
        expect(await world.store.getBlock(world.scope, { id: block.id })).toEqual(block)
      }
    },
  },
]
