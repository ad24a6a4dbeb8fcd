import { expect } from 'vitest'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'

const model = 'test/small'

/** What engines do with vectors that come with their texts. */
export const broughtVectorCases: readonly ConformanceCase[] = [
  {
    name: 'createPassages() stores vectors with their passages, and neither when one is refused',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const archive = world.newArchive()
      const create = async (...vectors: readonly (readonly number[])[]): Promise<string[]> => {
        const passages = vectors.map((vector) => ({
          ...world.newPassage('brought'),
          vector: { model, vector },
        }))
        const place = { agentId: agent.id, archive }
        const stored = await store.createPassages(scope, { agent: place, passages, at: 5 })
        return stored.map(({ id }) => id)
      }
      const mismatch = 'embedding_dimension_mismatch'
      await expectRefused(create([1, 0], [1, 0, 0]), mismatch)
      expect(await store.countPassages(scope, { agentId: agent.id })).toBe(0)
      const [one, two] = await create([1, 0], [0, 1])
      await expectRefused(create([1, 0, 0]), mismatch)
      await expectRefused(create([0, 0]), 'invalid_argument')
      expect(await store.countPassages(scope, { agentId: agent.id })).toBe(2)
      const query = { tags: [], tagMatch: 'any', from: null, until: null, limit: 9 } as const
      const near = { ...query, model, vector: [0.2, 1], agentId: agent.id }
      const { items } = await store.searchPassageVectors(scope, near)
      expect(items.map(({ item }) => item.id)).toEqual([two, one])
    },
  },
]
