import { expect } from 'vitest'
import type { ConformanceCase } from './conformance-case.ts'

/** What engines do with what was learnt of how models count. */
export const tokenFactorCases: readonly ConformanceCase[] = [
  {
    name: 'putTokenFactor() keeps one factor of each model',
    async run({ store, scope }) {
      const one = { model: 'lab/one', perThousand: 1200, updatedAt: 5 }
      const two = { ...one, model: 'lab/two', perThousand: 900 }
      expect(await store.getTokenFactor(scope, one)).toBeNull()
      for (const factor of [two, one, { ...one, perThousand: 1100, updatedAt: 6 }]) {
        await store.putTokenFactor(scope, { factor })
      }
      expect(await store.getTokenFactor(scope, { model: 'lab/one' })).toEqual({
        ...one,
        perThousand: 1100,
        updatedAt: 6,
      })
      expect(await store.getTokenFactor(scope, { model: 'lab/two' })).toEqual(two)
    },
  },
]
