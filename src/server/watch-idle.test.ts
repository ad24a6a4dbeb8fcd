import { EventEmitter } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { createTestApp, type TestApp } from '../testing/create-test-app.ts'
import { watchIdle } from './watch-idle.ts'

const apps: TestApp[] = []

afterEach(async () => {
  for (const app of apps.splice(0)) await app[Symbol.asyncDispose]()
})

/** Waits 60 seconds of silence on a fake clock, with a server whose requests the test makes. */
async function watch(options: Parameters<typeof createTestApp>[0] = {}) {
  const product = await createTestApp(options)
  apps.push(product)
  const server = new EventEmitter()
  const ends = new AbortController()
  const seen = { idle: false }
  const waiting = watchIdle(
    product.app,
    server as unknown as Parameters<typeof watchIdle>[1],
  )({ forMs: 60_000, signal: ends.signal }).then(() => {
    seen.idle = true
  })
  const request = () => {
    const response = new EventEmitter()
    server.emit('request', {}, response)
    return () => response.emit('close')
  }
  return { product, request, seen, waiting, ends }
}

test('a server is idle once nobody asked for long enough', async () => {
  const { product, seen } = await watch()
  await product.clock.advance(59_000)
  expect(seen.idle).toBe(false)
  await product.clock.advance(1_000)
  await expect.poll(() => seen.idle).toBe(true)
})

test('an open request and one that has just ended keep it', async () => {
  const { product, request, seen } = await watch()
  const close = request()
  await product.clock.advance(150_000)
  close()
  await product.clock.advance(59_000)
  expect(seen.idle).toBe(false)
})

test('the waiting ends with its signal', async () => {
  const { waiting, ends } = await watch()
  ends.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
})
