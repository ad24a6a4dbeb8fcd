import { afterEach, expect, test } from 'vitest'
import { createServer } from '../../server/create-server.ts'
import { createTestApp, type TestApp, type TestAppOptions } from '../../testing/create-test-app.ts'
import { toolId } from '../../tools/registry.ts'
import { runCli } from '../run-cli.ts'
import { createTestContext } from '../testing/create-test-context.ts'

const apps: TestApp[] = []

afterEach(async () => {
  for (const app of apps.splice(0)) await app[Symbol.asyncDispose]()
})

/** A product with an agent at work, and what runs commands against it. */
async function createProduct(options: TestAppOptions) {
  const product = await createTestApp(options)
  apps.push(product)
  const server = createServer(product.app, { access: 'in-process' })
  const embedded = {
    dataPath: '/data',
    fetch: async (request: Request) => server.fetch(request),
    recover: async () => 0,
    close: async () => undefined,
  }
  const agent = await product.createAgent({ toolIds: [toolId('wait')] })
  const { run } = await product.say(agent, 'Begin.')
  await product.clock.advance(1000)
  async function cli(...parameters: readonly string[]) {
    const { context, stdout, stderr } = createTestContext({ embedded })
    const exitCode = await runCli(context, ['runs', ...parameters])
    return { exitCode, stdout: stdout(), stderr: stderr() }
  }
  return { product, runId: run.id, cli }
}

test('letta runs pause and resume let a run rest and go on, and show that it rests', async () => {
  const { product, runId, cli } = await createProduct({
    script: [{ text: 'Half', delayBeforeEndMs: 60_000 }, { text: 'Whole.' }],
  })
  const paused = await cli('pause', runId, '--now')
  expect(paused).toMatchObject({ exitCode: 0, stdout: '' })
  expect(paused.stderr).toContain(`Paused ${runId}.`)
  await product.clock.advance(1000)
  expect((await cli('list')).stdout).toContain(`${runId}  paused`)
  const resumed = await cli('resume', runId)
  expect(resumed).toMatchObject({ exitCode: 0, stdout: 'Whole.\n' })
  for (const action of ['pause', 'resume']) {
    expect(await cli(action, runId)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`Cannot ${action} ${runId}: it has ended.`),
    })
  }
})

test('letta runs signal wakes what waits for the name, or keeps the signal', async () => {
  const { product, runId, cli } = await createProduct({
    script: [{ toolCalls: [{ name: 'wait', arguments: { signal: 'paid' } }] }, { text: 'Thanks.' }],
  })
  expect((await cli('list')).stdout).toContain('waiting:signal')
  expect((await cli('signal', runId, 'other')).stderr).toContain('it is kept')
  const sent = await cli('signal', runId, 'paid', '--payload', '{"amount":3}')
  expect(sent.stderr).toBe(`Sent paid; ${runId} goes on with it.\n`)
  await product.frames(runId)
  expect(JSON.stringify(product.model.requests[1]?.messages)).toContain('amount')
  expect(await cli('signal', runId, 'paid', '--payload', '{')).toMatchObject({ exitCode: 2 })
})
