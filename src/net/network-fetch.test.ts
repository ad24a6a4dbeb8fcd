import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { networkFetch } from './network-fetch.ts'

const size = 8_000_000

/** Writes as fast as it is read; the query tells of whom it waited for. */
const waited = new Set<string>()
const writeMuch: RequestListener = (request, response) => {
  const fill = (left: number): void => {
    if (left === 0) response.end()
    else if (response.write(Buffer.alloc(100_000))) fill(left - 1)
    else {
      waited.add(request.url ?? '')
      response.once('drain', () => fill(left - 1))
    }
  }
  fill(size / 100_000)
}

const held = Promise.withResolvers<void>()

const answers: Readonly<Record<string, RequestListener>> = {
  '/echo': (request, response) => {
    const { method, headers } = request
    void Array.fromAsync(request, String).then((parts) =>
      response.setHeader('X-Two', ['a', 'b']).end(
        JSON.stringify({
          method,
          body: parts.join(''),
          length: headers['content-length'] ?? null,
          type: headers['content-type'] ?? null,
          key: headers['x-key'] ?? null,
          accept: headers.accept,
        }),
      ),
    )
  },
  '/pieces': (_request, response) => {
    response.writeHead(200).write('one')
    void held.promise.then(() => response.end('two'))
  },
  '/zipped': (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('größe')),
  '/broken-zip': (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
  '/cut': (_request, response) => {
    response.writeHead(200).write('one')
    setImmediate(() => response.destroy())
  },
  '/hang-up': (_request, response) => response.destroy(),
  '/silent': () => undefined,
  '/silent-inside': (_request, response) => response.writeHead(200).write('one'),
  '/empty': (_request, response) => response.writeHead(204).end(),
  '/missing': (_request, response) => response.writeHead(404, 'Not Here').end('none'),
  '/moved': (_request, response) => response.writeHead(302, { location: '/echo' }).end(),
  '/moved-with-body': (_request, response) => response.writeHead(307, { location: '/echo' }).end(),
}

const server = createServer((request, response) => {
  const serve = request.url?.startsWith('/much') === true ? writeMuch : answers[request.url ?? '']
  serve?.(request, response)
})
const place = { url: '' }
const at = (path: string): string => place.url + path

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  place.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** Node's own stands beside ours: what holds for one has to hold for the other. */
describe.each([
  { name: 'of Node', fetch: globalThis.fetch },
  { name: 'on http', fetch: networkFetch },
])('fetch() $name', ({ name, fetch }) => {
  it.each([
    ['a text', '{"a":"ö"}', '10'],
    ['bytes', new TextEncoder().encode('{"a":"ö"}'), '10'],
  ])('sends %s with its length', async (_what, body, length) => {
    const headers = { 'content-type': 'application/json', 'X-Key': 'k' }
    const response = await fetch(at('/echo'), { method: 'post', body, headers })
    expect([response.status, response.ok, response.headers.get('x-two')]).toEqual([
      200,
      true,
      'a, b',
    ])
    expect(await response.json()).toEqual({
      method: 'POST',
      body: '{"a":"ö"}',
      length,
      type: 'application/json',
      key: 'k',
      accept: '*/*',
    })
  })

  it('asks without a body, by a URL, with a list of headers', async () => {
    const headers = new Headers([['accept', 'text/x']])
    const response = await fetch(new URL(at('/echo')), { headers })
    expect(await response.json()).toMatchObject({ method: 'GET', body: '', accept: 'text/x' })
  })

  it('gives an answer out while it comes', async () => {
    const { body } = await fetch(at('/pieces'))
    const reader = body?.getReader()
    expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe('one')
    held.resolve()
    expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe('two')
    expect(await reader?.read()).toEqual({ done: true, value: undefined })
  })

  it('unpacks what is compressed', async () => {
    expect(await (await fetch(at('/zipped'))).text()).toBe('größe')
    await expect((await fetch(at('/broken-zip'))).text()).rejects.toThrow('terminated')
  })

  it('gives a refusal and an empty answer out as answers', async () => {
    const missing = await fetch(at('/missing'))
    expect([missing.ok, missing.status, missing.statusText]).toEqual([false, 404, 'Not Here'])
    await missing.body?.cancel()
    const empty = await fetch(at('/empty'))
    expect([empty.status, empty.body, await empty.text()]).toEqual([204, null, ''])
    expect((await fetch(at('/echo'), { method: 'HEAD' })).body).toBeNull()
  })

  it.each([
    ['/moved', 'GET', ''],
    ['/moved-with-body', 'POST', 'x'],
  ])('follows a redirect of %s', async (path, method, body) => {
    const response = await fetch(at(path), { method: 'POST', body: 'x' })
    expect(await response.json()).toMatchObject({ method, body })
  })

  it('says as a cause why nothing was reached', async () => {
    const refused = fetch('http://127.0.0.1:1/')
    await expect(refused).rejects.toThrow(TypeError)
    await expect(refused).rejects.toMatchObject({ message: 'fetch failed', cause: {} })
    await expect(fetch(at('/hang-up'))).rejects.toMatchObject({ message: 'fetch failed' })
    await expect(fetch('http://user@127.0.0.1/')).rejects.toThrow(TypeError)
    await expect(fetch('nowhere')).rejects.toThrow(TypeError)
  })

  it('lets a server wait for a reader that is slow', async () => {
    const path = `/much?${encodeURIComponent(name)}`
    const { body } = await fetch(at(path))
    const reader = body?.getReader()
    let read = 0
    for (;;) {
      const { value } = (await reader?.read()) ?? {}
      if (value === undefined) break
      if (read === 0) await vi.waitUntil(() => waited.has(path))
      read += value.byteLength
    }
    expect(read).toBe(size)
  })

  it('says that an answer was cut', async () => {
    const response = await fetch(at('/cut'))
    await expect(response.text()).rejects.toMatchObject({ message: 'terminated' })
  })

  it('ends with the reason of an abort before, during and after the head of the answer', async () => {
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await expect(fetch(at('/echo'), { signal })).rejects.toBe(reason)
    const waiting = new AbortController()
    const waits = fetch(at('/silent'), { signal: waiting.signal })
    waiting.abort(reason)
    await expect(waits).rejects.toBe(reason)
    const reading = new AbortController()
    const response = await fetch(at('/silent-inside'), { signal: reading.signal })
    const read = response.text()
    reading.abort(reason)
    await expect(read).rejects.toBe(reason)
  })
})

it('fetch() on http names what the socket said', async () => {
  await expect(networkFetch('http://127.0.0.1:2/')).rejects.toMatchObject({
    cause: { code: 'ECONNREFUSED' },
  })
})

it('fetch() on http uses one connection for requests that follow each other, and closes it where nobody reads on', async () => {
  const sockets: Socket[] = []
  const own = createServer((request, response) => {
    if (!sockets.includes(request.socket)) sockets.push(request.socket)
    if (request.url === '/open') response.writeHead(200).write('one')
    else response.end('x')
  })
  await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(own.address() as AddressInfo).port}`
  try {
    await (await networkFetch(url)).text()
    await (await networkFetch(url)).text()
    const { body } = await networkFetch(`${url}/open`)
    const [socket] = sockets
    if (socket === undefined) throw new Error('There was no connection')
    const closed = once(socket, 'close')
    await body?.cancel()
    await closed
    expect(sockets).toHaveLength(1)
  } finally {
    own.closeAllConnections()
    own.close()
  }
})
