import { gzipSync } from 'node:zlib'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { nearFetch } from './near-fetch.ts'

type Serve = (request: IncomingMessage, response: ServerResponse) => void

/** A server on the loopback address. */
async function startServer(serve: Serve): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(serve)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const echo: Serve = (request, response) => {
  const { method, url, headers } = request
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    response.writeHead(201, 'Made', { 'content-type': 'application/json', 'X-Twice': ['a', 'b'] })
    const body = Buffer.concat(pieces).toString()
    response.end(JSON.stringify({ method, url, key: headers['x-key'] ?? null, body }))
  })
}

/** Node's own beside ours: what holds for one has to hold for the other. */
describe.each([
  { name: 'of Node', fetch: globalThis.fetch },
  { name: 'for what is near', fetch: nearFetch },
])('fetch $name', ({ fetch }) => {
  it('sends a text with its headers and gives status, headers and body back', async () => {
    await using server = await startServer(echo)
    const init = { method: 'POST', headers: { 'X-Key': 'one' }, body: 'größe' }
    const response = await fetch(`${server.url}/a?b=c`, init)
    const { ok, status, statusText, headers } = response
    expect([ok, status, statusText]).toEqual([true, 201, 'Made'])
    expect([headers.get('Content-Type'), headers.get('x-twice')]).toEqual([
      'application/json',
      'a, b',
    ])
    expect(await response.json()).toEqual({
      method: 'POST',
      url: '/a?b=c',
      key: 'one',
      body: 'größe',
    })
  })

  it('asks without a body', async () => {
    await using server = await startServer(echo)
    const response = await fetch(new URL(`${server.url}/list`))
    expect(await response.json()).toMatchObject({ method: 'GET', url: '/list', body: '' })
  })

  it('follows a redirect with the body, and reads an answer that is compressed', async () => {
    await using server = await startServer((request, response) => {
      if (request.url === '/old') response.writeHead(307, { location: '/new' }).end('moved')
      else if (request.url === '/new') echo(request, response)
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('größe'))
    })
    const moved = await fetch(`${server.url}/old`, { method: 'POST', body: 'x' })
    expect(await moved.json()).toMatchObject({ method: 'POST', url: '/new', body: 'x' })
    expect(await (await fetch(`${server.url}/packed`)).text()).toBe('größe')
  })

  it('rejects with the code of the socket where nobody answers', async () => {
    await using server = await startServer((request) => request.socket.destroy())
    const broken: unknown = await fetch(server.url).catch((error: unknown) => error)
    expect(broken).toBeInstanceOf(TypeError)
    expect(broken).toMatchObject({ message: 'fetch failed', cause: { code: expect.any(String) } })
    const { url } = server
    await server[Symbol.asyncDispose]()
    await expect(fetch(url)).rejects.toMatchObject({
      message: 'fetch failed',
      cause: { code: 'ECONNREFUSED' },
    })
  })

  it.each(['http://user:word@127.0.0.1:1/', 'nowhere'])('refuses %s', async (url) => {
    await expect(fetch(url)).rejects.toBeInstanceOf(TypeError)
  })

  it('fails with the reason of an abort: before it begins, while it waits, within the answer', async () => {
    const waiting = Promise.withResolvers<void>()
    const left = Promise.withResolvers<void>()
    await using server = await startServer((request, response) => {
      request.socket.once('close', () => left.resolve())
      if (request.url === '/wait') waiting.resolve()
      else response.writeHead(200).write('first')
    })
    const aborted = AbortSignal.abort('gone')
    await expect(fetch(server.url, { signal: aborted })).rejects.toBe('gone')
    const early = new AbortController()
    const answer = fetch(`${server.url}/wait`, { signal: early.signal })
    await waiting.promise
    early.abort('enough')
    await expect(answer).rejects.toBe('enough')
    await left.promise
    const late = new AbortController()
    const response = await fetch(server.url, { signal: late.signal })
    const reader = response.body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('first')
    late.abort('later')
    await expect(reader?.read()).rejects.toBe('later')
  })

  it('fails when the connection breaks within the answer, and lets go of it when its reader leaves', async () => {
    const left = Promise.withResolvers<void>()
    await using server = await startServer((request, response) => {
      response.writeHead(200).write('first')
      if (request.url === '/whole') response.end()
      else if (request.url === '/break') response.write('second', () => response.destroy())
      else response.once('close', () => left.resolve())
    })
    const broken = await fetch(`${server.url}/break`)
    await expect(broken.text()).rejects.toThrow(/^(?:terminated|aborted)$/)
    const whole = await fetch(`${server.url}/whole`)
    await whole.body?.cancel()
    const open = await fetch(server.url)
    const reader = open.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await left.promise
  })

  it('lets a server wait for a reader that is slow', async () => {
    const size = 8_000_000
    let unread = true
    let wasHeld = false
    await using server = await startServer((_request, response) => {
      const fill = (count: number): void => {
        if (count === 0) response.end()
        else if (response.write(Buffer.alloc(100_000))) fill(count - 1)
        else {
          wasHeld ||= unread
          response.once('drain', () => fill(count - 1))
        }
      }
      fill(size / 100_000)
    })
    const response = await fetch(server.url)
    const reader = response.body?.getReader()
    let read = (await reader?.read())?.value?.byteLength ?? 0
    unread = false
    for (;;) {
      const next = await reader?.read()
      if (next?.value === undefined) break
      read += next.value.byteLength
    }
    expect([read, wasHeld]).toEqual([size, true])
  })
})
