import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { AccessKey } from '../../domain/access-key.ts'
import { systemScope } from '../../domain/scope.ts'
import { expectRefused, type ConformanceCase } from './conformance-case.ts'
import type { World } from './world.ts'

/** What engines do with keys. */
export const accessCases: readonly ConformanceCase[] = [
  {
    name: 'createKey() stores a key that its hash finds, in any tenant, until it is revoked',
    async run(world) {
      const { store, scope } = world
      const active = await store.countActiveKeys(systemScope)
      const key = newKey(world, { agentIds: ['agent-1'] })
      const hash = randomUUID()
      expect(await store.createKey(scope, { key, hash })).toEqual(key)
      expect(await store.findKey(systemScope, { hash })).toEqual(key)
      expect(await store.findKey(systemScope, { hash: randomUUID() })).toBeNull()
      expect(await store.countActiveKeys(systemScope)).toBe(active + 1)
      const same = { key: newKey(world), hash }
      await expectRefused(store.createKey(scope, same), 'conflict')
      const revoked = await store.revokeKey(scope, { id: key.id, at: 5000 })
      expect(revoked).toEqual({ ...key, revokedAt: 5000 })
      expect(await store.revokeKey(scope, { id: key.id, at: 9000 })).toEqual(revoked)
      expect(await store.findKey(systemScope, { hash })).toBeNull()
      expect(await store.countActiveKeys(systemScope)).toBe(active)
      await expectRefused(store.revokeKey(scope, { id: world.id('key'), at: 1 }), 'not_found')
    },
  },
  {
    name: 'listKeys() lists the newest first, revoked ones too',
    async run(world) {
      const { store, scope } = world
      const [one, two] = [newKey(world), newKey(world)]
      for (const key of [one, two]) await store.createKey(scope, { key, hash: randomUUID() })
      const revoked = await store.revokeKey(scope, { id: one.id, at: 5 })
      expect(await store.listKeys(scope)).toEqual([two, revoked])
    },
  },
  {
    name: 'touchKey() writes at most once a minute',
    async run(world) {
      const { store, scope } = world
      const key = newKey(world)
      const hash = randomUUID()
      await store.createKey(scope, { key, hash })
      const lastUse = async (at: number): Promise<number | null | undefined> => {
        await store.touchKey(systemScope, { id: key.id, at })
        return (await store.findKey(systemScope, { hash }))?.lastUsedAt
      }
      expect(await lastUse(100_000)).toBe(100_000)
      expect(await lastUse(159_999)).toBe(100_000)
      expect(await lastUse(160_000)).toBe(160_000)
    },
  },
]

function newKey(world: World, given: Partial<AccessKey> = {}): AccessKey {
  return {
    id: world.id('key'),
    tenantId: world.scope.tenantId,
    userId: world.scope.userId,
    name: 'Laptop',
    role: 'member',
    agentIds: null,
    hint: 'lt-abc',
    createdAt: world.at(),
    lastUsedAt: null,
    revokedAt: null,
    ...given,
  }
}
