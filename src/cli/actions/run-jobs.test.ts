import { afterEach, expect, test } from 'vitest'
import { newJob, type Job } from '../../domain/job.ts'
import { defaultScope } from '../../domain/scope.ts'
import { listen } from '../../server/listen.ts'
import { createTestApp, type TestApp } from '../../testing/create-test-app.ts'
import { runCli } from '../run-cli.ts'
import { createTestContext } from '../testing/create-test-context.ts'

const cleanUps: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp()
})

/** A server, what runs commands against it, and what stores jobs. */
async function createProduct() {
  const product: TestApp = await createTestApp()
  cleanUps.push(async () => await product[Symbol.asyncDispose]())
  const server = await listen(product.app, { port: 0 })
  cleanUps.push(() => server.close())
  const { ids, store } = product.app
  async function storeJob(given: Partial<Job> = {}): Promise<string> {
    const made = newJob({
      id: `job-${ids.uuid()}`,
      tenantId: defaultScope.tenantId,
      lane: '',
      kind: 'callback',
      payload: { run_id: 'run-1' },
      maxAttempts: 8,
      at: product.clock.now(),
    })
    const { id } = await store.enqueueJob(defaultScope, { job: { ...made, ...given } })
    return id
  }
  const readState = async (id: string): Promise<string> =>
    (await store.getJob(defaultScope, { id })).state
  async function run(...parameters: readonly string[]) {
    const environment = { LETTA_BASE_URL: server.url }
    const { context, stdout, stderr } = createTestContext({ environment })
    const exitCode = await runCli(context, parameters)
    return { exitCode, stdout: stdout(), stderr: stderr() }
  }
  return { run, storeJob, readState }
}

const dead = { state: 'dead', attempts: 8, lastError: 'Nobody answers.\nAt all.' } as const

test('letta jobs list shows what is to come beside what was given up', async () => {
  const { run, storeJob } = await createProduct()
  const ids = [await storeJob(), await storeJob(dead), await storeJob({ kind: 'embed' })]
  await storeJob({ state: 'done' })
  const { stdout } = await run('jobs', 'list', '--json')
  const listed = JSON.parse(stdout) as readonly { readonly id: string }[]
  expect(new Set(listed.map(({ id }) => id))).toEqual(new Set(ids))
  const callbacks = await run('jobs', 'list', '--kind', 'callback', '--json')
  expect(JSON.parse(callbacks.stdout)).toHaveLength(2)
})

test('letta jobs list says of which model vectors cannot be made', async () => {
  const { run, storeJob } = await createProduct()
  const failed = { 'openai/small': 'Cannot embed: no key. Set one.' }
  await storeJob({ kind: 'embed', result: { stored: 0, failed } })
  expect((await run('jobs', 'list')).stdout).toMatch(
    / embed .* Cannot embed: no key\. Set one\.\n$/,
  )
})

test('letta jobs list and show say what was given up, and why', async () => {
  const { run, storeJob } = await createProduct()
  const id = await storeJob(dead)
  await storeJob({ state: 'done' })
  const line = `${id}  dead  callback  given up 2026-11-22 12:00 UTC  8 tried  Nobody answers.\n`
  expect(await run('jobs', 'list')).toEqual({ exitCode: 0, stdout: line, stderr: '' })
  expect((await run('jobs', 'list', '--state', 'done')).stdout).toContain('  done  callback  ended')
  expect(await run('jobs', 'list', '--kind', 'schedule')).toMatchObject({
    stdout: '',
    stderr: 'There are no such jobs.\n',
  })
  expect((await run('jobs', 'list', '--limit', '1')).stderr).toContain('There may be more')
  const shown = await run('jobs', 'show', id)
  expect(shown.stdout).toBe(
    `${id}  dead  callback\nabout {"run_id":"run-1"}, agent -\n` +
      'given up 2026-11-22 12:00 UTC, tried 8 times of 8\nlast error: Nobody answers.\nAt all.\n',
  )
  expect(shown.stderr).toContain(`letta jobs retry ${id}`)
  const json = JSON.parse((await run('jobs', 'show', id, '--json')).stdout) as object
  expect(json).toMatchObject({ id, state: 'dead', maxAttempts: 8 })
  expect(JSON.parse((await run('jobs', 'list', '--json')).stdout)).toEqual([json])
})

test('letta jobs retry and remove take dead jobs by id, or all of them', async () => {
  const { run, storeJob, readState } = await createProduct()
  const [one, two, three, four] = [
    await storeJob(dead),
    await storeJob(dead),
    await storeJob(dead),
    await storeJob(dead),
  ]
  expect(await run('jobs', 'retry', one)).toMatchObject({ stderr: `${one} is tried again.\n` })
  expect(await readState(one)).toBe('ready')
  expect(await run('jobs', 'remove', two)).toMatchObject({ stderr: `Removed ${two}.\n` })
  expect((await run('jobs', 'remove', two)).exitCode).toBe(1)
  expect(await run('jobs', 'retry', one)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('it is ready, not dead'),
  })
  const all = await run('jobs', 'retry', '--all-dead')
  expect(all.stderr.split('\n').toSorted()).toEqual(
    ['', `${three} is tried again.`, `${four} is tried again.`].toSorted(),
  )
  expect(await run('jobs', 'remove', '--all-dead')).toMatchObject({
    exitCode: 0,
    stderr: 'There are no dead jobs.\n',
  })
  for (const parameters of [[], [three, '--all-dead']]) {
    expect(await run('jobs', 'retry', ...parameters)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('name some, or say --all-dead'),
    })
  }
})

test('letta doctor says how to deal with what was given up', async () => {
  const { run, storeJob } = await createProduct()
  await storeJob(dead)
  expect((await run('doctor')).stdout).toContain('1 given up: `letta jobs list --state dead`')
})
