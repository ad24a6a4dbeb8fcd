import { Readable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { listen } from '../../server/listen.ts'
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts'
import { runCli } from '../run-cli.ts'
import { createTestContext } from '../testing/create-test-context.ts'

const cleanUps: (() => Promise<void> | void)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

/** A server with an agent that was told something, and what runs commands on it. */
async function createProduct() {
  const product: TestApp = await createTestApp({ script: [{ text: 'I see.' }] })
  cleanUps.push(async () => await product[Symbol.asyncDispose]())
  const server = await listen(product.app, { port: 0 })
  cleanUps.push(() => server.close())
  await product.ask(await product.createAgent({ name: 'Ada' }), 'The code is quillheron77.')
  async function run(
    parameters: readonly string[],
    given: { readonly stdin?: string; readonly terminal?: boolean } = {},
  ) {
    const environment = { LETTA_BASE_URL: server.url }
    const { context, stdout, stderr } = createTestContext({
      environment,
      ...(given.stdin !== undefined && { stdin: Readable.from([given.stdin]) }),
      terminal: { stdin: given.terminal ?? false },
    })
    const exitCode = await runCli(context, parameters)
    return { exitCode, stdout: stdout(), stderr: stderr() }
  }
  return { run }
}

const byWords = ['forget', '--query', 'quillheron77', '--agent', 'Ada']

test('letta forget shows what would go, asks on a terminal, and prints a receipt', async () => {
  const { run } = await createProduct()
  const preview = await run([...byWords, '--preview'])
  expect(preview).toMatchObject({ exitCode: 0, stderr: '' })
  expect(preview.stdout).toMatch(
    /remove {2}message {2}message-\S+ {2}asked .* The code is quillheron77\./,
  )
  expect(preview.stdout).toContain('In all: 2 messages removed.')
  const unasked = await run(byWords)
  expect(unasked).toMatchObject({ exitCode: 2, stdout: '' })
  expect(unasked.stderr).toContain('--yes')
  const refused = await run(byWords, { stdin: 'n\n', terminal: true })
  expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
  expect(refused.stderr).toContain('Nothing was forgotten.')
  const done = await run(byWords, { stdin: 'y\n', terminal: true })
  expect(done).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^forget-\S+\n/) })
  expect(done.stdout).toContain('2 messages removed')
  const [id = ''] = done.stdout.split('\n')
  expect((await run(['forget', 'list'])).stdout).toContain(`${id}  `)
  expect((await run(['forget', 'show', id])).stdout).toContain('outside    what was sent to')
  const again = await run([...byWords, '--yes'])
  expect(again).toMatchObject({ exitCode: 1, stdout: '' })
})

test('letta forget speaks JSON and refuses what it cannot mean', async () => {
  const { run } = await createProduct()
  expect(await run(['forget', 'list'])).toMatchObject({
    exitCode: 0,
    stdout: '',
    stderr: 'Nothing was forgotten yet.\n',
  })
  const preview = await run([...byWords, '--preview', '--json'])
  expect(JSON.parse(preview.stdout)).toMatchObject({ counts: { 'message remove': 2 } })
  const done = await run([...byWords, '--yes', '--json'])
  expect(JSON.parse(done.stdout)).toMatchObject({ state: 'done', origin: 'query' })
  for (const parameters of [['forget'], ['forget', '--cut', 'm-1']]) {
    expect((await run(parameters)).exitCode).toBe(2)
  }
  const unknown = await run(['forget', 'nothing', '--agent', 'Ada', '--yes'])
  expect(unknown).toMatchObject({ exitCode: 1 })
  expect(unknown.stderr).toContain('it is no id of a message')
})
