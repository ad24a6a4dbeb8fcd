import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createClient } from '../../../sdk/src/index.ts'
import { serverFilePath } from '../../../sdk/src/server-file.ts'
import { loadSettings } from '../../config/load-settings.ts'
import { startServer } from '../../server/start-server.ts'
import { runCli } from '../run-cli.ts'
import { createTestContext } from '../testing/create-test-context.ts'

/** Runs `letta server` on a new data folder until the test ends. */
async function serve(...parameters: readonly string[]) {
  const home = mkdtempSync(join(tmpdir(), 'letta-server-'))
  const test = createTestContext({ environment: { LETTA_HOME: home }, startServer })
  const ended = runCli(test.context, ['server', '--port', '0', ...parameters])
  const stop = async () => {
    test.terminate('SIGTERM')
    return ended
  }
  onTestFinished(async () => {
    await stop()
  })
  await expect.poll(() => existsSync(serverFilePath(home)), { timeout: 20_000 }).toBe(true)
  return { ...test, home, stop }
}

/** Runs a command line on a data folder, without a product in this process. */
async function run(home: string, ...parameters: readonly string[]) {
  const test = createTestContext({ environment: { LETTA_HOME: home } })
  const exitCode = await runCli(test.context, parameters)
  return { exitCode, stdout: test.stdout(), stderr: test.stderr() }
}

test('letta server says where it listens, is found through its file, and removes it at the end', async () => {
  const { home, stdout, stop } = await serve()
  expect(stdout()).toMatch(/^Letta \S+ listens on http:\/\/127\.0\.0\.1:\d+ \(data: .*\)\n$/)
  const client = createClient({ home })
  const connection = await client.connect()
  expect(connection).toMatchObject({ mode: 'http', dataPath: home })
  expect((await client.getOrCreateAgent({ name: 'Ada' })).name).toBe('Ada')
  expect(await stop()).toBe(0)
  expect(existsSync(serverFilePath(home))).toBe(false)
})

test('letta server refuses to start beside another one on the same data folder', async () => {
  const { home, stop } = await serve()
  const path = serverFilePath(home)
  const before = readFileSync(path, 'utf8')
  const second = createTestContext({ environment: { LETTA_HOME: home }, startServer })
  expect(await runCli(second.context, ['server', '--port', '0'])).toBe(1)
  expect(second.stderr()).toMatch(
    /^Cannot start a server: one serves this data folder already, at http:/,
  )
  expect(readFileSync(path, 'utf8')).toBe(before)
  expect(await stop()).toBe(0)
})

test('letta server leaves the file of another server that came after it', async () => {
  const { home, stop } = await serve()
  const path = serverFilePath(home)
  const file = JSON.parse(readFileSync(path, 'utf8')) as object
  const later = JSON.stringify({ ...file, instanceId: 'another' })
  writeFileSync(path, later)
  expect(await stop()).toBe(0)
  expect(readFileSync(path, 'utf8')).toBe(later)
})

test('commands of the same user need no key, others do once there is one', async () => {
  const { home } = await serve()
  expect((await run(home, 'keys', 'create', 'laptop')).exitCode).toBe(0)
  expect((await run(home, 'agents', 'create', 'Ada')).exitCode).toBe(0)
  const { url } = JSON.parse(readFileSync(serverFilePath(home), 'utf8')) as { url: string }
  const stranger = createClient({ baseUrl: url })
  await expect(stranger.createAgent({ name: 'Bo' })).rejects.toMatchObject({
    code: 'unauthorized',
    status: 401,
  })
})

test('a server of another version stops a command with a sentence', async () => {
  const { home } = await serve()
  const path = serverFilePath(home)
  const file = JSON.parse(readFileSync(path, 'utf8')) as object
  writeFileSync(path, JSON.stringify({ ...file, version: '9.9.9' }))
  const { exitCode, stderr } = await run(home, 'agents', 'list')
  expect(exitCode).toBe(1)
  expect(stderr).toContain('it runs version 9.9.9')
})

test('a server for others does not start before there is a key', async () => {
  const settings = loadSettings({
    LETTA_HOME: mkdtempSync(join(tmpdir(), 'letta-server-')),
    LETTA_HOST: '0.0.0.0',
    LETTA_PORT: '0',
  })
  await expect(startServer(settings)).rejects.toThrow('Run `letta keys create <name>` first')
})

test('a port that is taken is named', async () => {
  const { home } = await serve()
  const { url } = JSON.parse(readFileSync(serverFilePath(home), 'utf8')) as { url: string }
  const settings = loadSettings({ LETTA_HOME: home, LETTA_PORT: new URL(url).port })
  await expect(startServer(settings)).rejects.toMatchObject({ code: 'port_in_use' })
})
