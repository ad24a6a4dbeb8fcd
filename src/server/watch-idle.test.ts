import { EventEmitter } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { newJob } from '../domain/job.ts'
import { defaultScope, systemScope } from '../domain/scope.ts'
import { embedJobKind } from '../jobs/kinds/embed.ts'
import { createTestApp, type TestApp } from '../testing/create-test-app.ts'
import { toolId } from '../tools/registry.ts'
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

test('vectors that are being made keep it, and the looks for further texts do not', async () => {
  const { product, seen } = await watch()
  const { clock } = product
  const { store, ids } = product.app
  const { tenantId } = defaultScope
  const sample = { tenantId, lane: '', kind: embedJobKind, payload: {}, maxAttempts: 9 }
  const made = newJob({ ...sample, id: `job-${ids.uuid()}`, at: clock.now() })
  await store.enqueueJob(defaultScope, { job: made })
  const [job] = await store.claimJobs(systemScope, {
    owner: store.description.owner,
    kinds: [embedJobKind],
    at: clock.now(),
    leaseUntil: clock.now() + 600_000,
    limit: 1,
    perTenant: 1,
    served: [],
  })
  await clock.advance(60_000)
  await store.countJobs(systemScope, { exceptKinds: [], at: clock.now() })
  expect(seen.idle).toBe(false)
  const again = clock.now() + 2000
  const done = { id: made.id, fence: job?.fence ?? 0, result: {}, again, at: clock.now() }
  await store.completeJob(defaultScope, done)
  await expect
    .poll(async () => {
      await clock.advance(30_000)
      return seen.idle
    })
    .toBe(true)
})

test('the waiting ends with its signal', async () => {
  const { waiting, ends } = await watch()
  ends.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
})

test('a run that nobody watches keeps it until it has ended', async () => {
  const { product, seen } = await watch({ script: [{ delayMs: 200_000, text: 'At last.' }] })
  const { run } = await product.say(await product.createAgent(), 'Take your time.')
  await expect.poll(() => product.model.requests.length).toBe(1)
  for (const step of [60_000, 60_000, 60_000]) await product.clock.advance(step)
  await product.app.store.listOpenWork(systemScope, { at: product.app.clock.now(), limit: 1 })
  expect(seen.idle).toBe(false)
  await product.clock.advance(20_000)
  await product.frames(run.id)
  await expect
    .poll(async () => {
      await product.clock.advance(30_000)
      return seen.idle
    })
    .toBe(true)
})

test('a turn that waits for a time keeps it until it has gone on', async () => {
  const { product, seen } = await watch({
    script: [{ toolCalls: [{ name: 'wait', arguments: { seconds: 600 } }] }, { text: 'Now.' }],
  })
  product.app.runtime.start()
  const agent = await product.createAgent({ toolIds: [toolId('wait')] })
  const { run } = await product.say(agent, 'In ten minutes.')
  await product.clock.advance(590_000)
  expect(seen.idle).toBe(false)
  await product.clock.advance(20_000)
  await product.frames(run.id)
  await expect
    .poll(async () => {
      await product.clock.advance(30_000)
      return seen.idle
    })
    .toBe(true)
})
