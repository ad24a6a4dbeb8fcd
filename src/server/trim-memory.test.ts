import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { createTestApp } from '../testing/create-test-app.ts'
import { releaseMemory, trimWhenIdle } from './trim-memory.ts'
import { watchIdle } from './watch-idle.ts'

test('trimWhenIdle() gives memory back after the start, again when nobody spoke for a minute, and after eleven', async () => {
  await using product = await createTestApp()
  const server = new EventEmitter()
  const ends = new AbortController()
  let times = 0
  const trimming = trimWhenIdle({
    server,
    untilIdle: watchIdle(product.app, server as unknown as Parameters<typeof watchIdle>[1]),
    signal: ends.signal,
    release: async () => void (times += 1),
  })
  await product.clock.advance(1_000)
  await expect.poll(() => times).toBe(1)
  await product.clock.advance(300_000)
  const response = new EventEmitter()
  server.emit('request', {}, response)
  response.emit('close')
  await product.clock.advance(59_000)
  expect(times).toBe(1)
  await product.clock.advance(1_000)
  await expect.poll(() => times).toBe(2)
  await product.clock.advance(599_999)
  expect(times).toBe(2)
  await product.clock.advance(1)
  await expect.poll(() => times).toBe(3)
  ends.abort(new Error('stopped'))
  await expect(trimming).rejects.toThrow('aborted')
})

test('releaseMemory() collects what nobody refers to', async () => {
  const reference = new WeakRef({ large: Array.from({ length: 1000 }, () => 'x') })
  await releaseMemory()
  expect(reference.deref()).toBeUndefined()
})
