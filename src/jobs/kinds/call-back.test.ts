import { expect, it } from 'vitest'
import { defaultScope } from '../../domain/scope.ts'
import type { Run } from '../../domain/run.ts'
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts'
import { startWireServer, type WireReply } from '../../testing/wire-server.ts'

async function open(outboundAllow: readonly string[] = ['127.0.0.1']): Promise<TestApp> {
  return await createTestApp({ script: [{ text: 'Done.' }], settings: { outboundAllow } })
}

async function finish(test: TestApp, callbackUrl: string): Promise<Run> {
  const agent = await test.createAgent()
  const { run } = await test.say(agent, 'Go.', { callbackUrl, background: true })
  await test.frames(run.id)
  return run
}

/** Lets the fake time pass until the callback was tried so often; requests take real time. */
async function untilTried(test: TestApp, run: Run, until: (run: Run) => boolean): Promise<Run> {
  for (let round = 0; round < 400; round += 1) {
    const found = await test.app.store.getRun(defaultScope, { id: run.id })
    if (until(found)) return found
    await test.clock.advance(200)
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('The callback was not tried')
}

it('tells the callback URL of the end of a run, and the run of the answer', async () => {
  await using server = await startWireServer(() => ({ status: 204 }))
  await using test = await open()
  const run = await finish(test, `${server.url}/done`)
  test.app.jobs.start()
  const told = await untilTried(test, run, ({ callbackSentAt }) => callbackSentAt !== null)
  expect(told).toMatchObject({ callbackStatusCode: 204, callbackError: null })
  expect(server.requests).toHaveLength(1)
  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
    run_id: run.id,
    status: 'completed',
    completed_at: new Date(told.completedAt ?? 0).toISOString(),
    metadata: { run_type: 'send_message', turn_id: run.turnId },
  })
  expect(server.requests[0]?.headers['x-letta-delivery']).toMatch(/^job-/)
})

it('tries again after a failure that may pass, under the same delivery', async () => {
  const replies: readonly WireReply[] = [{ status: 503 }, { end: 'cut', status: 200 }, {}]
  await using server = await startWireServer((_request, index) => replies[index] ?? {})
  await using test = await open()
  const run = await finish(test, server.url)
  test.app.jobs.start()
  const told = await untilTried(test, run, ({ callbackStatusCode }) => callbackStatusCode === 200)
  expect(told.callbackError).toBe(null)
  const deliveries = server.requests.map(({ headers }) => headers['x-letta-delivery'])
  expect(new Set(deliveries).size).toBe(1)
  expect(deliveries.length).toBeGreaterThanOrEqual(2)
})

it.each<[string, WireReply]>([
  ['status 410', { status: 410 }],
  ['status 302', { status: 302, headers: { location: 'http://169.254.169.254/' } }],
])('does not try again when the receiver refuses: %s', async (expected, reply) => {
  await using server = await startWireServer(() => reply)
  await using test = await open()
  const run = await finish(test, server.url)
  test.app.jobs.start()
  const told = await untilTried(test, run, ({ callbackError }) => callbackError !== null)
  expect(told.callbackError).toContain(expected)
  await test.clock.advance(60_000)
  expect(server.requests).toHaveLength(1)
  const [job] = await test.app.store.listJobs(defaultScope, { kinds: ['callback'], limit: 9 })
  expect(job).toMatchObject({ state: 'dead', attempts: 1 })
})

it('connects to no address that is not allowed', async () => {
  await using server = await startWireServer(() => ({}))
  await using test = await open([])
  const run = await finish(test, server.url)
  test.app.jobs.start()
  const told = await untilTried(test, run, ({ callbackError }) => callbackError !== null)
  expect(told).toMatchObject({ callbackStatusCode: null })
  expect(told.callbackError).toContain('LETTA_OUTBOUND_ALLOW')
  expect(server.connections).toBe(0)
})
