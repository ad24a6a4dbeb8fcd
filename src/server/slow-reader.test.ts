import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createTestApp } from '../testing/create-test-app.ts'
import { listen } from './listen.ts'

/** More than the kernel keeps for a reader that does not read. */
const pieces = 480

test('a reader that never reads costs no more than what fits into its socket, and is cut off with a line in the log', async () => {
  const text = Array.from({ length: pieces }, () => 'x'.repeat(50_000))
  await using test = await createTestApp({ script: [{ text }] })
  const agent = await test.createAgent()
  const { run } = await test.say(agent, 'Say much.', { options: { streamTokens: true } })
  await test.frames(run.id)
  const { runtime } = test.app
  let taken = 0
  async function* countFrames(...parameters: Parameters<typeof runtime.follow>) {
    for await (const frame of runtime.follow(...parameters)) {
      taken += 1
      yield frame
    }
  }
  const counting = Object.assign(Object.create(runtime), { follow: countFrames })
  const warnings: string[] = []
  const logger = {
    ...test.app.logger,
    warn: (data: { readonly err?: Error }) => void warnings.push(data.err?.message ?? ''),
  }
  const server = await listen({ ...test.app, runtime: counting, logger }, { port: 0 })
  const socket = connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.pause()
  const request = `POST /v1/runs/${run.id}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0`
  socket.write(`${request}\r\n\r\n`)
  let before = -1
  while (taken !== before || taken === 0) {
    before = taken
    for (let turn = 0; turn < 300; turn += 1) {
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    }
  }
  expect(taken).toBeLessThan(pieces)
  const closed = once(socket, 'close')
  await test.clock.advance(300_000)
  socket.resume()
  await closed
  expect(warnings).toEqual(['Cannot send the stream: its reader takes nothing.'])
  await server.close({ deadlineMs: 0 })
}, 30_000)
