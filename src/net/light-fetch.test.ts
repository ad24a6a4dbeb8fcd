import { describe, expect, it } from 'vitest'
import { lightFetch } from './light-fetch.ts'
import { LightHeaders } from './light-headers.ts'

const read = (stream: ReadableStream<Uint8Array> | null) => Array.fromAsync(stream ?? [])

/** What Node itself has under a name: a server's HTTP library, which another test may have loaded, puts a class made from it there. */
function ofNode(name: 'Headers' | 'Request' | 'Response' | 'FormData'): unknown {
  const parent: unknown = Object.getPrototypeOf(globalThis[name])
  return parent === Function.prototype ? globalThis[name] : parent
}

const nodeFetch = {
  Headers: ofNode('Headers'),
  Request: ofNode('Request'),
  Response: ofNode('Response'),
  FormData: ofNode('FormData'),
} as typeof lightFetch

/** Node's own stand beside ours: what holds for one has to hold for the other. */
describe.each([
  { name: 'of Node', fetch: nodeFetch },
  { name: 'within a process', fetch: lightFetch },
])('Headers, Request and Response $name', ({ fetch }) => {
  const { Headers, Request, Response, FormData } = fetch

  it('find headers however they are written, in the order of their names', () => {
    const headers = new Headers({ 'X-Two': ' a ', accept: 'b' })
    headers.append('x-two', 'c')
    headers.set('Empty', '')
    expect([...headers]).toEqual([
      ['accept', 'b'],
      ['empty', ''],
      ['x-two', 'a, c'],
    ])
    expect(Object.fromEntries(headers.entries())).toEqual({
      accept: 'b',
      empty: '',
      'x-two': 'a, c',
    })
    expect([[...headers.keys()][0], [...headers.values()][0]]).toEqual(['accept', 'b'])
    headers.delete('ACCEPT')
    expect([headers.get('Accept'), headers.has('X-TWO')]).toEqual([null, true])
    const seen: string[] = []
    headers.forEach((value, name) => seen.push(`${name}=${value}`))
    expect(seen).toEqual(['empty=', 'x-two=a, c'])
    expect([...new Headers(headers)]).toEqual([...headers])
    expect([...new Headers([['a', '1']])]).toEqual([['a', '1']])
    expect([...new Headers()]).toEqual([])
  })

  it.each([
    ['a name', { 'two words': 'x' }],
    ['an empty name', { '': 'x' }],
    ['a value with a line break', { x: 'one\ntwo' }],
    ['a value that is no byte', { x: 'ξ' }],
  ])('refuse %s that cannot be sent', (_what, source) => {
    expect(() => new Headers(source)).toThrow(TypeError)
  })

  it('know address, method, signal and body of a request', async () => {
    const { signal } = new AbortController()
    const request = new Request('http://localhost/v1/agents?a= b', {
      method: 'post',
      body: '{"text":"ä"}',
      headers: { 'content-type': 'application/json' },
    })
    expect([request.url, request.method]).toEqual(['http://localhost/v1/agents?a=%20b', 'POST'])
    expect(request.signal.aborted).toBe(false)
    expect(request.headers.get('Content-Type')).toBe('application/json')
    expect(await request.json()).toEqual({ text: 'ä' })
    const bare = new Request(new URL('http://localhost/'), { signal })
    expect([bare.method, bare.body, await bare.text()]).toEqual(['GET', null, ''])
    expect(() => new Request('nowhere')).toThrow(TypeError)
  })

  it('hand over the abort of a request with its reason', () => {
    const controller = new AbortController()
    const { signal } = new Request('http://localhost/', { signal: controller.signal })
    controller.abort(new Error('gone'))
    expect(signal.reason).toMatchObject({ message: 'gone' })
  })

  it.each([
    ['a text', 'größe', 'text/plain;charset=UTF-8'],
    ['bytes', new TextEncoder().encode('größe'), null],
    ['part of a buffer', new TextEncoder().encode('xgröße').subarray(1), null],
    ['a stream', new Blob(['größe']).stream(), null],
  ])('give the body of a response back: %s', async (_what, body, type) => {
    const response = new Response(body, { status: 201, statusText: 'Made' })
    expect([response.status, response.statusText, response.ok]).toEqual([201, 'Made', true])
    expect(response.headers.get('content-type')).toBe(type)
    expect([response.bodyUsed, await response.text(), response.bodyUsed]).toEqual([
      false,
      'größe',
      true,
    ])
    await expect(response.text()).rejects.toThrow(TypeError)
  })

  it('give the body of a response out as a stream, once', async () => {
    const response = new Response('größe')
    expect(Buffer.concat(await read(response.body)).toString()).toBe('größe')
    expect(await read(new Response('').body)).toEqual([])
    const taken = new Response('x')
    taken.body?.getReader()
    await expect(taken.text()).rejects.toThrow(TypeError)
    const bytes = await new Response('abc').arrayBuffer()
    expect([bytes.byteLength, await new Response('abc').bytes()]).toEqual([
      3,
      new TextEncoder().encode('abc'),
    ])
  })

  it('make an answer of JSON, and one without a body', async () => {
    const response = Response.json({ a: 1 }, { status: 503, headers: { 'x-a': 'b' } })
    expect([...response.headers]).toEqual([
      ['content-type', 'application/json'],
      ['x-a', 'b'],
    ])
    expect([response.ok, await response.json()]).toEqual([false, { a: 1 }])
    const empty = new Response(null, { status: 204 })
    expect([empty.body, await empty.text(), empty.bodyUsed]).toEqual([null, '', false])
  })

  it('tell a form from other values', () => {
    expect(new FormData() instanceof FormData).toBe(true)
    expect(new globalThis.FormData() instanceof FormData).toBe(true)
    expect(Object({}) instanceof FormData).toBe(false)
  })
})

it('headers within a process are taken by what goes over a network', () => {
  const headers = new LightHeaders({ accept: 'b' })
  expect(new Headers([...headers]).get('accept')).toBe('b')
  expect(
    new Request('http://localhost/', { headers: headers as never }).headers.get('accept'),
  ).toBe('b')
})
