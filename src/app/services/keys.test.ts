import { expect, test } from 'vitest'
import { defaultScope } from '../../domain/scope.ts'
import { createTestApp } from '../../testing/create-test-app.ts'

const open = { requireKey: false }
const closed = { requireKey: true }

test('authenticate() lets everybody in while there is no key, unless one is demanded', async () => {
  await using kit = await createTestApp({ settings: { localToken: 'local' } })
  const { keys } = kit.app.services
  expect(await keys.authenticate(null, open)).toEqual(defaultScope)
  expect(await keys.authenticate('whatever', open)).toEqual(defaultScope)
  expect(await keys.authenticate(null, closed)).toBeNull()
  expect(await keys.authenticate('local', closed)).toEqual(defaultScope)
})

test('create() stores a hash, and authenticate() finds the scope of the secret', async () => {
  await using kit = await createTestApp()
  const { keys } = kit.app.services
  const agentIds = ['agent-00000000-0000-4000-8000-000000000001']
  const { key, secret } = await keys.create(defaultScope, { name: 'x', role: 'reader', agentIds })
  expect(JSON.stringify(key)).not.toContain(secret)
  expect(await keys.authenticate(secret, open)).toEqual({
    ...defaultScope,
    role: 'reader',
    agentIds,
  })
  expect(await keys.authenticate(secret.slice(0, -1), open)).toBeNull()
  expect(await keys.authenticate(key.hint, open)).toBeNull()
  await keys.revoke(defaultScope, key.id)
  expect(await keys.authenticate(secret, closed)).toBeNull()
})

test('authenticate() writes down the use of a key once a minute', async () => {
  await using kit = await createTestApp()
  const { keys } = kit.app.services
  const { secret } = await keys.create(defaultScope, { name: 'x', role: 'admin', agentIds: null })
  const lastUsed = async (): Promise<number | null | undefined> =>
    (await keys.list(defaultScope))[0]?.lastUsedAt
  await keys.authenticate(secret, open)
  const first = kit.clock.now()
  await expect.poll(lastUsed).toBe(first)
  await kit.clock.advance(30_000)
  await keys.authenticate(secret, open)
  await kit.clock.advance(31_000)
  expect(await lastUsed()).toBe(first)
  await keys.authenticate(secret, open)
  await expect.poll(lastUsed).toBe(kit.clock.now())
})
