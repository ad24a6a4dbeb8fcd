import { request } from 'node:http'
import { expect, test } from 'vitest'
import { createServer } from '../../src/server/create-server.ts'
import { describeWire, openOnSocket, type Wire } from './open-wire.ts'

interface NewKey {
  readonly id: string
  readonly key: string
  readonly hint: string
}

async function createKey(wire: Wire, body: object = {}, secret?: string): Promise<NewKey> {
  const reply = await wire.send('POST', '/v1/keys/', { name: 'test', ...body }, bearer(secret))
  expect(reply.status).toBe(200)
  return (await reply.json()) as NewKey
}

function bearer(secret: string | undefined): Record<string, string> {
  return secret === undefined ? {} : { authorization: `Bearer ${secret}` }
}

describeWire('access', (open) => {
  test('the first key closes the server to everybody without one [access.open, access.key, access.health]', async () => {
    await using wire = await open()
    for (const secret of [undefined, 'anything']) {
      expect((await wire.fetch('/v1/agents/', { headers: bearer(secret) })).status).toBe(200)
    }
    const { id, key, hint } = await createKey(wire)
    expect(key).toMatch(/^sk-letta-[\w-]{43}$/)
    expect(key.startsWith(hint)).toBe(true)
    for (const secret of [undefined, 'anything', `${key}x`]) {
      const reply = await wire.fetch('/v1/agents/', { headers: bearer(secret) })
      expect(reply.status).toBe(401)
      expect(await reply.json()).toEqual({ detail: 'Unauthorized' })
    }
    expect((await wire.fetch('/v1/agents/', { headers: bearer(key) })).status).toBe(200)
    expect(
      (await wire.fetch('/v1/agents/', { headers: { 'x-bare-password': `password ${key}` } }))
        .status,
    ).toBe(200)
    const health = (await (await wire.fetch('/v1/health/')).json()) as object
    expect(health).toMatchObject({ status: 'ok' })
    expect(health).not.toHaveProperty('location')
    const listed = (await (
      await wire.fetch('/v1/keys/', { headers: bearer(key) })
    ).json()) as object[]
    expect(listed).toMatchObject([{ id, name: 'test', role: 'admin', revoked_at: null }])
    expect(JSON.stringify(listed)).not.toContain(key)
    expect(
      (await wire.fetch(`/v1/keys/${id}`, { method: 'DELETE', headers: bearer(key) })).status,
    ).toBe(200)
    expect((await wire.fetch('/v1/agents/')).status).toBe(200)
  })

  test('readers only read, members keep off keys, and a key sees its own agents [access.roles]', async () => {
    await using wire = await open({ script: [{ text: 'ok' }] })
    const mine = await wire.client.agents.create({ name: 'Mine' })
    await wire.client.agents.create({ name: 'Other' })
    const admin = (await createKey(wire)).key
    const reader = (await createKey(wire, { role: 'reader' }, admin)).key
    const member = (await createKey(wire, { role: 'member' }, admin)).key
    const limited = (await createKey(wire, { agent_ids: [mine.id] }, admin)).key
    const status = async (
      secret: string,
      method: string,
      path: string,
      body?: object,
    ): Promise<number> =>
      (
        await wire.fetch(path, {
          method,
          headers: bearer(secret),
          ...(body !== undefined && { body: JSON.stringify(body) }),
        })
      ).status
    expect(await status(reader, 'GET', '/v1/agents/')).toBe(200)
    expect(
      await status(reader, 'POST', '/v1/messages/search', { query: 'x', agent_id: mine.id }),
    ).toBe(200)
    expect(await status(reader, 'POST', '/v1/agents/', {})).toBe(403)
    expect(await status(reader, 'POST', `/v1/agents/${mine.id}/messages`, { input: 'x' })).toBe(403)
    expect(
      await status(reader, 'POST', `/v1/agents/${mine.id}/messages/stream`, { input: 'x' }),
    ).toBe(403)
    expect(await status(reader, 'DELETE', `/v1/agents/${mine.id}`)).toBe(403)
    expect(await status(member, 'POST', '/v1/blocks/', { label: 'x', value: '' })).toBe(200)
    expect(await status(member, 'GET', '/v1/keys/')).toBe(403)
    expect(await status(member, 'POST', '/latest/keys', { name: 'x' })).toBe(403)
    expect(await status(limited, 'GET', '/v1/keys/')).toBe(403)
    expect(await status(limited, 'POST', '/v1/agents/', {})).toBe(403)
    expect(await status(limited, 'POST', `/v1/agents/${mine.id}/messages`, { input: 'x' })).toBe(
      200,
    )
    const seen = (await (await wire.fetch('/v1/agents/', { headers: bearer(limited) })).json()) as {
      name: string
    }[]
    expect(seen.map(({ name }) => name)).toEqual(['Mine'])
  })

  test('only administrators of all agents rebuild embeddings; who may write brings vectors of what they see [access.roles]', async () => {
    await using wire = await open()
    const mine = await wire.client.agents.create({ name: 'Mine' })
    const other = await wire.client.agents.create({ name: 'Other' })
    const [ours] = await wire.client.agents.passages.create(mine.id, { text: 'herons' })
    const [theirs] = await wire.client.agents.passages.create(other.id, { text: 'storks' })
    const admin = (await createKey(wire)).key
    const keys = {
      admin,
      member: (await createKey(wire, { role: 'member' }, admin)).key,
      limited: (await createKey(wire, { agent_ids: [mine.id] }, admin)).key,
      reader: (await createKey(wire, { role: 'reader' }, admin)).key,
    }
    const model = 'mine/minilm'
    const ids = [ours?.id ?? '', theirs?.id ?? '']
    const vectors = ids.map((id) => ({ id, embedding: [1, 0] }))
    const answers: Record<string, unknown> = {}
    for (const [name, key] of Object.entries(keys)) {
      const put = await wire.send('PUT', '/v1/embeddings/vectors', { model, vectors }, bearer(key))
      const { stored } = (await put.json()) as { readonly stored?: readonly string[] }
      const path = name === 'admin' ? '/latest/embeddings/rebuild' : '/v1/embeddings/rebuild'
      const rebuilt = await wire.send('POST', path, { model }, bearer(key))
      answers[name] = [put.status, stored?.toSorted(), rebuilt.status]
    }
    expect(answers).toEqual({
      admin: [200, ids.toSorted(), 200],
      member: [200, ids.toSorted(), 403],
      limited: [200, [ours?.id], 403],
      reader: [403, undefined, 403],
    })
  })

  test('pages of known origins may call and read, others are refused [access.origins]', async () => {
    await using wire = await open({ settings: { allowedOrigins: ['https://mine.example'] } })
    for (const origin of [
      'http://localhost:3000',
      'https://app.letta.com',
      'https://mine.example',
    ]) {
      const reply = await wire.fetch('/v1/agents/', { headers: { origin } })
      expect(reply.status).toBe(200)
      expect(reply.headers.get('access-control-allow-origin')).toBe(origin)
      expect(reply.headers.get('access-control-allow-credentials')).toBe('true')
    }
    for (const origin of ['https://evil.example', 'null', 'http://localhost:3001']) {
      const reply = await wire.send('POST', '/v1/agents/', {}, { origin })
      expect([origin, reply.status]).toEqual([origin, 403])
      expect(reply.headers.get('access-control-allow-origin')).toBeNull()
    }
    expect(await (await wire.fetch('/v1/agents/count')).json()).toBe(0)
  })
})

test('a pre-flight of an allowed origin is answered, of another refused [access.origins]', async () => {
  await using wire = await openOnSocket()
  const ask = (origin: string): Promise<Response> =>
    wire.fetch('/v1/agents/', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })
  const allowed = await ask('http://localhost:3000')
  expect(allowed.status).toBe(204)
  expect(allowed.headers.get('access-control-allow-methods')).toContain('PATCH')
  expect(allowed.headers.get('access-control-allow-headers')).toBe('content-type')
  expect((await ask('https://evil.example')).status).toBe(403)
})

test.each([
  ['localhost', 200],
  ['127.0.0.1:8283', 200],
  ['[::1]:8283', 200],
  ['letta.localhost', 200],
  ['my.host', 200],
  ['evil.example', 403],
  ['localhost.evil.example', 403],
  ['169.254.169.254', 403],
])('a request for host %s is answered with %i [access.hosts]', async (host, expected) => {
  await using wire = await openOnSocket({ settings: { allowedHosts: ['my.host'] } })
  const url = new URL((await wire.fetch('/v1/health')).url)
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request(
      { host: '127.0.0.1', port: url.port, path: '/v1/agents/', headers: { host } },
      (reply) => {
        reply.resume()
        resolve(reply.statusCode)
      },
    )
      .on('error', reject)
      .end()
  })
  expect(status).toBe(expected)
})

test('the program itself and the holder of its token need no key [access.key]', async () => {
  await using wire = await openOnSocket({ settings: { localToken: 'local-secret' } })
  await createKey(wire)
  expect((await wire.fetch('/v1/agents/', { headers: bearer('local-secret') })).status).toBe(200)
  expect((await wire.fetch('/v1/agents/', { headers: bearer('local-secre') })).status).toBe(401)
  const inside = createServer(wire.app, { access: 'in-process' })
  expect((await inside.fetch(new Request('http://anything/v1/agents/'))).status).toBe(200)
})
