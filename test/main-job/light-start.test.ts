import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createTemporaryHome, runLetta } from './run-letta.ts'
import { sharedProgram } from './shared-program.ts'

test('letta -p without a model loads neither Node’s HTTP client nor TLS', async () => {
  const { main } = await sharedProgram()
  using home = createTemporaryHome()
  const list = join(home.path, 'loaded.json')
  const preload = join(home.path, 'preload.cjs')
  writeFileSync(
    preload,
    `process.once('exit', () => require('node:fs').writeFileSync(
      ${JSON.stringify(list)}, JSON.stringify(process.moduleLoadList)))`,
  )
  const environment = { NODE_OPTIONS: `--require=${preload}` }
  const { code } = await runLetta({ home: home.path, main, environment }, '-p', 'Hello there.')
  expect(code).toBe(0)
  const loaded: readonly string[] = JSON.parse(readFileSync(list, 'utf8'))
  expect(loaded).toContain('NativeModule sqlite')
  expect(loaded.filter((name) => /undici|NativeModule (_?http|https|tls)/.test(name))).toEqual([])
})
