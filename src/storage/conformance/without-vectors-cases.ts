import { expect } from 'vitest'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'

/** What an engine does whose database cannot keep vectors. */
export const withoutVectorsCases: readonly ConformanceCase[] = [
  {
    name: 'putVectors() and the searches by vectors say what to install, and nothing else is lost',
    async run(world) {
      const { store, scope } = world
      const agent = await world.agent()
      const [passage] = await world.remember(agent, 'grey heron')
      const at = { agentId: agent.id, model: 'm', vector: [1, 0], limit: 1 }
      const dates = { from: null, until: null }
      const item = { kind: 'passage', id: passage?.id ?? '', model: 'm', vector: [1, 0] } as const
      const calls = [
        () => store.putVectors(scope, { items: [item] }),
        () => store.searchPassageVectors(scope, { ...at, ...dates, tags: [], tagMatch: 'any' }),
        () =>
          store.searchMessageVectors(scope, { ...at, ...dates, roles: ['user'], excludeIds: [] }),
      ]
      for (const call of calls) {
        await expectRefused(call(), 'vectors_unavailable')
        await expect(call()).rejects.toThrow(/pgvector/)
      }
      const words = { agentId: agent.id, terms: ['heron'], ...dates, tags: [], limit: 9 }
      const found = await store.searchPassages(scope, { ...words, tagMatch: 'any' })
      expect(found.documents.map(({ id }) => id)).toEqual([passage?.id])
      await store.deletePassage(scope, { id: passage?.id ?? '' })
    },
  },
]
