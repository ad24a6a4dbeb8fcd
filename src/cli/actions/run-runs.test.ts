import { afterEach, expect, test } from 'vitest'
import { createServer } from '../../server/create-server.ts'
import { createTestApp, type TestApp, type TestAppOptions } from '../../testing/create-test-app.ts'
import { runCli } from '../run-cli.ts'
import { createTestContext } from '../testing/create-test-context.ts'
import { toAge } from './run-runs.ts'

const apps: TestApp[] = []

afterEach(async () => {
  for (const app of apps.splice(0)) await app[Symbol.asyncDispose]()
})

/** A product with an agent that was asked something once, and what runs commands against it. */
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
  const agent = await product.createAgent()
  const frames = await product.ask(agent, 'Where do I live?')
  const runId = frames[0]?.event.runId ?? 'none'
  async function run(...parameters: readonly string[]) {
    const { context, stdout, stderr } = createTestContext({ embedded })
    const exitCode = await runCli(context, parameters)
    return { exitCode, stdout: stdout(), stderr: stderr() }
  }
  return { product, agent, runId, run }
}

const answered = { script: [{ text: 'In Oslo.' }] }
const failed: TestAppOptions = {
  script: [
    { failure: { code: 'llm_authentication', message: 'The key is gone.' } },
    { text: 'In Oslo.' },
  ],
}

test('letta runs list shows id, status, conversation, age and stop reason', async () => {
  const { runId, run } = await createProduct(answered)
  const { exitCode, stdout, stderr } = await run('runs', 'list')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toMatch(
    new RegExp(String.raw`^${runId} +completed +default +\d+ \w+ +end_turn\n$`),
  )
})

test('letta runs list --active leaves out what has ended, and --json prints the wire', async () => {
  const { runId, agent, run } = await createProduct(answered)
  expect(await run('runs', 'list', '--active')).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: 'There are no open runs.\n',
  })
  const { stdout } = await run('runs', 'list', '--agent', agent.name, '--json')
  expect(JSON.parse(stdout)).toMatchObject([{ id: runId, agent_id: agent.id }])
})

test('letta runs show prints steps, use and no error', async () => {
  const { runId, agent, run } = await createProduct(answered)
  const { stdout } = await run('runs', 'show', runId)
  expect(stdout).toContain(`${runId}  completed  end_turn\nagent ${agent.id}, conversation default`)
  expect(stdout).toMatch(/used \d+ \+ \d+ tokens\nstep 1 +success +/)
  expect(stdout).not.toContain('error')
  const { stdout: json } = await run('runs', 'show', runId, '--json')
  expect(JSON.parse(json)).toMatchObject({ run: { id: runId }, steps: [{ run_id: runId }] })
})

test('letta runs watch shows a run that has ended, also from the middle', async () => {
  const { runId, run } = await createProduct(answered)
  expect(await run('runs', 'watch', runId)).toEqual({
    exitCode: 0,
    stdout: 'In Oslo.\n',
    stderr: '',
  })
  const whole = await run('runs', 'watch', runId, '--output-format', 'stream-json')
  const lines = whole.stdout.trim().split('\n')
  const numbers = lines.map((line) => (JSON.parse(line) as { seq_id?: number }).seq_id)
  const [first = 0] = numbers
  const rest = await run(
    'runs',
    'watch',
    runId,
    '--from',
    String(first),
    '--output-format',
    'stream-json',
  )
  expect(rest.stdout).not.toContain(`"seq_id":${first},`)
  expect(rest.stdout).toContain('"stop_reason":"end_turn"')
  expect(rest.exitCode).toBe(0)
})

test('letta runs watch from behind the end says so', async () => {
  const { runId, run } = await createProduct(answered)
  const { exitCode, stderr } = await run('runs', 'watch', runId, '--from', '99999999')
  expect(exitCode).toBe(1)
  expect(stderr).toContain(`Cannot resume the stream of ${runId} after number 99999999`)
})

test('letta runs shows why a run failed, and retry goes on with it', async () => {
  const { runId, run } = await createProduct(failed)
  expect((await run('runs', 'show', runId)).stdout).toMatch(/ failed .*\nerror .*gone/s)
  expect((await run('runs', 'watch', runId)).exitCode).toBe(1)
  expect(await run('runs', 'retry', runId)).toEqual({
    exitCode: 0,
    stdout: 'In Oslo.\n',
    stderr: '',
  })
})

test('letta runs cancel refuses a run that has ended', async () => {
  const { runId, run } = await createProduct(answered)
  const { exitCode, stderr } = await run('runs', 'cancel', runId)
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: `Cannot cancel ${runId}: it has ended. See \`letta runs show ${runId}\`.\n`,
  })
})

test.each(['show', 'watch', 'cancel', 'retry'])('letta runs %s of no run says so', async (name) => {
  const { run } = await createProduct(answered)
  const missing = 'run-00000000-0000-4000-8000-00000000dead'
  const { exitCode, stdout, stderr } = await run('runs', name, missing)
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  expect(stderr).toMatch(/not found|Cannot/)
})

test.each([
  [999, '0 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [7_200_000, '2 h'],
  [400 * 86_400_000, '400 d'],
])('toAge(%i) is %s', (milliseconds, shown) => {
  expect(toAge(milliseconds)).toBe(shown)
})
