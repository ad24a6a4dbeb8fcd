import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startFakeProvider } from '../../src/testing/fake-provider.ts'
import { createTemporaryHome, runLetta } from './run-letta.ts'
import { sharedProgram } from './shared-program.ts'

/** Asks the built program, and tells what of Node it had loaded at its end. */
async function askLightly(environment: Readonly<Record<string, string>> = {}) {
  const { main } = await sharedProgram()
  using home = createTemporaryHome()
  const list = join(home.path, 'loaded.json')
  const preload = join(home.path, 'preload.cjs')
  writeFileSync(
    preload,
    `process.once('exit', () => require('node:fs').writeFileSync(
      ${JSON.stringify(list)}, JSON.stringify(process.moduleLoadList)))`,
  )
  const { code, stdout } = await runLetta(
    {
      home: home.path,
      main,
      environment: { NODE_OPTIONS: `--require=${preload}`, ...environment },
    },
    '-p',
    'Hello there.',
  )
  expect(code).toBe(0)
  const loaded: readonly string[] = JSON.parse(readFileSync(list, 'utf8'))
  expect(loaded).toContain('NativeModule sqlite')
  return { stdout, loaded }
}

test('letta -p without a model loads neither Node’s HTTP client nor TLS', async () => {
  const { loaded } = await askLightly()
  expect(loaded.filter((name) => /undici|NativeModule (_?http|https|tls)/.test(name))).toEqual([])
})

test('letta -p with an endpoint on this machine asks it through node:http, without fetch of Node’s or TLS', async () => {
  await using provider = await startFakeProvider({ script: [{ text: 'Hello yourself.' }] })
  const { stdout, loaded } = await askLightly({
    OPENAI_BASE_URL: provider.url,
    OPENAI_API_KEY: 'key',
  })
  expect(stdout).toBe('Hello yourself.\n')
  expect(provider.requests[0]?.headers.authorization).toBe('Bearer key')
  expect(loaded).toContain('NativeModule http')
  expect(loaded.filter((name) => /undici|NativeModule (https|tls)/.test(name))).toEqual([])
})
