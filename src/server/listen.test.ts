import { expect, test } from 'vitest'
import { defaultScope } from '../domain/scope.ts'
import { createTestApp } from '../testing/create-test-app.ts'
import { listen } from './listen.ts'

test('listen() serves on a free port and says where', async () => {
  await using kit = await createTestApp()
  const server = await listen(kit.app, { port: 0 })
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
  expect((await fetch(`${server.url}/v1/health`)).status).toBe(200)
  await server.close()
  await expect(fetch(`${server.url}/v1/health`)).rejects.toThrow(/fetch failed/)
})

test('listen() names the port that is taken', async () => {
  await using kit = await createTestApp()
  const first = await listen(kit.app, { port: 0 })
  const second = listen(kit.app, { port: first.port })
  await expect(second).rejects.toMatchObject({ code: 'port_in_use' })
  await expect(second).rejects.toThrow(String(first.port))
  await first.close()
})

test.each(['0.0.0.0', '::', '192.0.2.1'])('listen() on %s asks for a key first', async (host) => {
  await using kit = await createTestApp()
  await expect(listen(kit.app, { host, port: 0 })).rejects.toThrow(/letta keys create/)
})

test('listen() on an address that others reach never serves without a key, even when all are revoked', async () => {
  await using kit = await createTestApp()
  const { keys } = kit.app.services
  const { key, secret } = await keys.create(defaultScope, {
    name: 'x',
    role: 'admin',
    agentIds: null,
  })
  const server = await listen(kit.app, { host: '0.0.0.0', port: 0 })
  const status = async (authorization: string): Promise<number> =>
    (await fetch(`${server.url}/v1/agents`, { headers: { authorization, host: 'any.name' } }))
      .status
  expect(await status(`Bearer ${secret}`)).toBe(200)
  expect(await status('')).toBe(401)
  await keys.revoke(defaultScope, key.id)
  expect(await status('')).toBe(401)
  expect(await status(`Bearer ${secret}`)).toBe(401)
  await server.close()
})

test('listen() explains an address that does not exist', async () => {
  await using kit = await createTestApp({ settings: { requireKey: true } })
  const { keys } = kit.app.services
  await keys.create(defaultScope, { name: 'x', role: 'admin', agentIds: null })
  await expect(listen(kit.app, { host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
    code: 'configuration_invalid',
  })
})

test('close() ends streams that are open', async () => {
  await using kit = await createTestApp({ script: [{ delayMs: 1_000_000, text: 'never' }] })
  const agent = await kit.createAgent()
  const server = await listen(kit.app, { port: 0 })
  const response = await fetch(`${server.url}/v1/agents/${agent.id}/messages/stream`, {
    method: 'POST',
    body: JSON.stringify({ input: 'Hi' }),
  })
  const reading = response.text()
  const closing = server.close({ deadlineMs: 1000 })
  await kit.clock.advance(1000)
  await closing
  await expect(reading).rejects.toThrow(/terminated/)
  await kit.app.services.runs.cancel(defaultScope, { kind: 'agent', agentId: agent.id }, null)
})
