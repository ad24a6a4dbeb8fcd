import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { defaultConversationId } from '../../domain/identifier.ts'
import { defaultScope } from '../../domain/scope.ts'
import { createServer } from '../../server/create-server.ts'
import { listen } from '../../server/listen.ts'
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts'
import { runCli } from '../run-cli.ts'
import { createTestContext } from '../testing/create-test-context.ts'

const cleanUps: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

/** A server, and what runs commands against it. */
async function createProduct() {
  const product: TestApp = await createTestApp({ script: [{ text: 'Nothing.' }] })
  cleanUps.push(async () => await product[Symbol.asyncDispose]())
  const server = await listen(product.app, { port: 0 })
  cleanUps.push(() => server.close())
  async function run(...parameters: readonly string[]) {
    const environment = { LETTA_BASE_URL: server.url }
    const { context, stdout, stderr } = createTestContext({ environment })
    const exitCode = await runCli(context, parameters)
    return { exitCode, stdout: stdout(), stderr: stderr() }
  }
  return { product, run }
}

test('letta schedule add, list, show, pause, resume and remove', async () => {
  const { run } = await createProduct()
  const added = await run(
    'schedule',
    'add',
    '--cron',
    '0 9 * * 1-5',
    '--timezone',
    'Europe/Berlin',
    'Due today?',
  )
  expect(added.stderr).toContain(
    'It fires 0 9 * * 1-5 (Europe/Berlin), next at 2026-11-23 08:00 UTC',
  )
  expect(added).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^schedule-\S+\n$/) })
  const id = added.stdout.trim()
  const hourly = await run('schedule', 'add', '--every', '1h', 'Look.')
  expect(hourly.stderr).toContain('It fires every 1 h, next at 2026-11-22 13:00 UTC')
  const list = await run('schedule', 'list')
  expect(list.stdout.split('\n')).toEqual([
    expect.stringMatching(/^schedule-\S+ {2}active {2}every 1 h +2026-11-22 13:00 UTC {2}Look\.$/),
    expect.stringMatching(new RegExp(`^${id} {2}active .* Due today\\?$`)),
    '',
  ])
  expect(await run('schedule', 'pause', id)).toMatchObject({ stderr: `Paused ${id}.\n` })
  const shown = await run('schedule', 'show', id)
  expect(shown.stdout).toContain(`${id}  paused  0 9 * * 1-5 (Europe/Berlin)`)
  expect(shown.stdout).toContain('sent 0, missed 0, last run -')
  expect((await run('schedule', 'resume', id)).stderr).toContain('it fires next at 2026-11-23')
  expect(await run('schedule', 'remove', id)).toMatchObject({ exitCode: 0, stdout: '' })
  expect(await run('schedule', 'show', id)).toMatchObject({ exitCode: 1 })
  const json = JSON.parse((await run('schedule', 'list', '--json')).stdout) as object[]
  expect(json).toEqual([expect.objectContaining({ everySeconds: 3600, message: 'Look.' })])
})

test('letta schedule add --conversation names another conversation than the folder has', async () => {
  const { product, run } = await createProduct()
  const agent = await product.createAgent({ name: 'Ada' })
  const { id } = await product.app.services.conversations.get(
    defaultScope,
    defaultConversationId(agent.id),
  )
  const add = async (...more: readonly string[]) =>
    await run('schedule', 'add', '--every', '1h', ...more, 'Look.')
  const added = await add('--conversation', id, '--agent', 'Ada', '--json')
  expect(JSON.parse(added.stdout)).toMatchObject({ agentId: agent.id, conversationId: 'default' })
  await product.createAgent({ name: 'Bo' })
  expect(await add('--conversation', id, '--agent', 'Bo')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('of another agent'),
  })
  const unknown = 'conv-00000000-0000-4000-8000-00000000ffff'
  expect(await add('--conversation', unknown)).toMatchObject({ exitCode: 1, stdout: '' })
})

test.each([
  [['x'], 2, 'exactly one of --cron, --every and --at'],
  [['--every', '1h', '--at', '2030-01-01 10:00', 'x'], 2, 'exactly one of'],
  [['--every', 'often', 'x'], 2, 'It is a number with a unit'],
  [['--at', 'tomorrow', 'x'], 2, 'It is a date and time'],
  [['--every', '1h', '--timezone', 'UTC', 'x'], 2, 'belongs to --cron'],
  [['--cron', '0 0 30 2 *', 'x'], 1, 'never fires'],
  [['--at', '2001-01-01 10:00', 'x'], 1, 'is over'],
])('letta schedule add %j is refused with exit code %s', async (parameters, code, sentence) => {
  const { run } = await createProduct()
  const { exitCode, stderr, stdout } = await run('schedule', 'add', ...parameters)
  expect([exitCode, stdout, stderr]).toEqual([code, '', expect.stringContaining(sentence)])
})

test.each([
  ['never fires', ['schedule', 'add', '--cron', '0 0 30 2 *', 'x']],
  ['nope', ['schedule', 'add', '--cron', 'nope', 'x']],
  ['Nobody', ['schedule', 'add', '--every', '1h', '--agent', 'Nobody', 'x']],
  ['schedule-00000000', ['schedule', 'resume', 'schedule-00000000-0000-4000-8000-000000000001']],
  ['job-00000000', ['jobs', 'retry', 'job-00000000-0000-4000-8000-000000000001']],
])('what says "%s" is refused before a server is started', async (sentence, parameters) => {
  const product: TestApp = await createTestApp()
  cleanUps.push(async () => await product[Symbol.asyncDispose]())
  const server = createServer(product.app, { access: 'in-process' })
  const { context, stderr } = createTestContext({
    embedded: {
      dataPath: '/data',
      fetch: async (request) => server.fetch(request),
      recover: async () => 0,
      close: async () => undefined,
    },
  })
  // Another command is starting one: whoever needs it would wait for it.
  const home = context.environment['LETTA_HOME'] ?? ''
  writeFileSync(join(home, 'server.starting'), String(process.ppid))
  expect(await runCli(context, parameters)).toBe(1)
  expect(stderr()).toContain(sentence)
})

test('letta schedule list says how to make one when there is none', async () => {
  const { run } = await createProduct()
  expect(await run('schedule', 'list')).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: 'There are no schedules. `letta schedule add --every 1h "…"` makes one.\n',
  })
})
