import { describe, expect, it } from 'vitest'
import { startWireServer } from '../testing/wire-server.ts'
import { createOutboundGuard } from './outbound-guard.ts'
import { postJson } from './post-json.ts'

describe('createOutboundGuard()', () => {
  const guard = createOutboundGuard(['10.1.0.0/16', '192.168.7.7', 'inside.example', 'fd00:1::/32'])

  it.each([
    '127.0.0.1',
    '127.255.0.9',
    '0.0.0.0',
    '10.2.0.1',
    '172.16.0.1',
    '192.168.7.8',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    'fd12::1',
    'fe80::1',
    'ff02::1',
  ])('refuses %s', (address) => {
    expect(guard.allowsAddress(address)).toBe(false)
  })

  it.each(['1.1.1.1', '172.32.0.1', '2606:4700::1111', '10.1.2.3', '192.168.7.7', 'fd00:1::5'])(
    'allows %s, which is public or was allowed',
    (address) => {
      expect(guard.allowsAddress(address)).toBe(true)
    },
  )

  it('allows everything when it is told so', () => {
    const open = createOutboundGuard(['*'])
    expect([open.allowsAddress('127.0.0.1'), open.allowsHost('any')]).toEqual([true, true])
  })
})

describe('postJson()', () => {
  const signal = new AbortController().signal
  const headers = { 'x-test': 'yes' }

  it.each([
    'http://127.0.0.1:9/',
    'http://localhost:9/',
    'http://sub.localhost:9/',
    'http://[::1]:9/',
    'http://[::ffff:127.0.0.1]:9/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://127.1/',
    'ftp://example.com/',
    'file:///etc/passwd',
  ])('refuses %s before it connects', async (url) => {
    const guard = createOutboundGuard([])
    await expect(postJson({ url, body: '{}', headers, guard, signal })).rejects.toMatchObject({
      code: 'invalid_argument',
    })
  })

  it('judges what a name resolves to, not the name', async () => {
    await using server = await startWireServer(() => ({}))
    const url = server.url.replace('127.0.0.1', 'localhost')
    const request = { url, body: '{}', headers, signal }
    // The name is allowed to be asked for; the address it has is not.
    const guard = { allowsHost: () => false, allowsAddress: (address: string) => address === 'x' }
    const renamed = { ...request, url: url.replace('localhost', 'localhost.localdomain') }
    for (const post of [request, renamed]) {
      await expect(postJson({ ...post, guard })).rejects.toThrow(/Cannot call|ENOTFOUND|EAI_AGAIN/)
    }
    expect(server.connections).toBe(0)
  })

  it('sends where it was allowed to, and does not follow a redirect', async () => {
    await using server = await startWireServer((_request, index) =>
      index === 0 ? {} : { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
    )
    const guard = createOutboundGuard(['127.0.0.1'])
    const post = { url: `${server.url}/hook?x=1`, body: '{"a":1}', headers, guard, signal }
    expect(await postJson(post)).toBe(200)
    expect(await postJson(post)).toBe(302)
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      path: '/hook?x=1',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json', 'x-test': 'yes' },
    })
  })
})
