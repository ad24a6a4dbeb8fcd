import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { runCli } from '../run-cli.ts'
import { createTestContext } from '../testing/create-test-context.ts'

/** Runs a command line against a web server that is set as LETTA_BASE_URL. */
async function runAgainst(listener: RequestListener, parameters: readonly string[]) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { context, stdout, stderr } = createTestContext({ environment: { LETTA_BASE_URL: url } })
  const exitCode = await runCli(context, parameters)
  return { url, exitCode, stdout: stdout(), stderr: stderr() }
}

test.each([[['agents', 'list']], [['-p', 'Hello']], [['model']]])(
  'letta %j says so when another program answers at LETTA_BASE_URL',
  async (parameters) => {
    for (const status of [200, 400, 404]) {
      const result = await runAgainst((_request, response) => {
        response.writeHead(status, { 'content-type': 'text/html' }).end('<p>Hello</p>')
      }, parameters)
      expect(result).toMatchObject({ exitCode: 1, stdout: '' })
      expect(result.stderr).toBe(
        `Cannot use the server at ${result.url}: what answers there is not Letta. Correct LETTA_BASE_URL, or unset it.\n`,
      )
    }
  },
)

test('letta doctor names the step that failed at a server of another kind', async () => {
  const result = await runAgainst((_request, response) => void response.end('Hello'), ['doctor'])
  expect(result.exitCode).toBe(1)
  expect(result.stdout).toContain('FAILED open: Cannot use the server at')
})

test('a server that wants another key is told with the variable that holds it', async () => {
  const { exitCode, stderr } = await runAgainst(
    (request, response) => {
      const isHealth = request.url?.startsWith('/v1/health') === true
      response.writeHead(isHealth ? 200 : 401, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify(isHealth ? { version: '1', status: 'ok' } : { detail: 'Unauthorized' }),
      )
    },
    ['agents', 'list'],
  )
  expect(exitCode).toBe(1)
  expect(stderr).toBe(
    'Unauthorized. Set LETTA_API_KEY to a key of that server; `letta keys create` on its machine makes one.\n',
  )
})
