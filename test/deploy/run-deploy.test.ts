import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { loadSettings } from '../../src/config/load-settings.ts'
import { loadSecretKey } from '../../src/config/secret-key.ts'
import { deployFolder, readDeployFile } from './deploy-files.ts'

/** The exit code of a program that gets no environment but `environment`, and what it wrote to standard error. */
function run(
  [file = '', ...parameters]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], ...environment }, timeout: 5000 }
    const child = execFile(file, parameters, options, (_error, _stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stderr })
    })
  })
}

test('the health check of the image tells a server that answers from one that does not', async () => {
  const words = /^HEALTHCHECK[^]*?CMD (\[.*\])$/m.exec(readDeployFile('docker/Dockerfile'))?.[1]
  const [, ...parameters] = z.tuple([z.literal('node')], z.string()).parse(JSON.parse(words ?? ''))
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(asked.length === 1 ? 200 : 503).end()
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const check = () => run([process.execPath, ...parameters], { LETTA_PORT: String(port) })
  expect(await check()).toEqual({ code: 0, stderr: '' })
  expect((await check()).code).toBe(1)
  expect(asked).toEqual(['/v1/health/', '/v1/health/'])
  server.close()
  await once(server, 'close')
  expect((await check()).code).toBe(1)
})

test.skipIf(process.platform === 'win32')(
  'make-secrets makes settings the server accepts, once, where others cannot enter',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'letta-ts-secrets-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const program = join(folder, 'make-secrets')
    await cp(join(deployFolder, 'docker/make-secrets'), program)
    expect((await run([program], {})).code).toBe(0)
    const text = await readFile(join(folder, 'secrets/letta.env'), 'utf8')
    const password = await readFile(join(folder, 'secrets/postgres-password'), 'utf8')
    const settings = loadSettings(parseEnv(text), { home: folder })
    expect(new URL(settings.databaseUrl ?? '').password).toBe(password)
    expect(password).toMatch(/^[0-9a-f]{64}$/)
    expect(settings.secretKey).toMatch(/^[0-9a-f]{64}$/)
    expect(settings.secretKey).not.toBe(password)
    expect(loadSecretKey(settings)).toHaveLength(32)
    expect((await stat(join(folder, 'secrets'))).mode & 0o777).toBe(0o700)

    expect(await run([program], {})).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is a folder secrets already'),
    })
    expect(await readFile(join(folder, 'secrets/letta.env'), 'utf8')).toBe(text)
  },
)
