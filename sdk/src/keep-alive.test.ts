import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { inherited } from '../../test/main-job/run-letta.ts'
import { keepAliveWhileBusy } from './keep-alive.ts'

const source = (path: string) => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)))

/** Runs a script in a process of its own, with a new data folder and no model. */
function runScript(script: string) {
  const home = mkdtempSync(join(tmpdir(), 'letta-script-'))
  const parameters = ['--input-type=module-typescript', '--eval', script]
  return spawnSync(process.execPath, parameters, {
    encoding: 'utf8',
    env: { ...inherited(), LETTA_HOME: home },
    timeout: 25_000,
  })
}

test('a script that talks to an agent in its process ends by itself, without closing', () => {
  const { status, stdout, stderr } = runScript(`
    import { createClient } from ${source('./index.ts')}
    import { openEmbedded } from ${source('../../src/index.ts')}
    const client = createClient({ openEmbedded })
    const agent = await client.createAgent({ name: 'DurableAssistant', memoryType: 'base_memory' })
    await client.userMessage({ agentId: agent.id, message: 'My project is the drone hub.' })
    const response = await client.userMessage({ agentId: agent.id, message: 'What is my project?' })
    console.log(client.mode, response[0].text)
  `)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^embedded .*drone hub/s)
})

test('keepAliveWhileBusy() breaks a body off when the request is aborted', async () => {
  const cancelled: unknown[] = []
  const fetch = keepAliveWhileBusy(
    async () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode('one')),
          cancel: (reason) => void cancelled.push(reason),
        }),
      ),
  )
  const abort = new AbortController()
  const response = await fetch('http://localhost/', { signal: abort.signal })
  const reader = response.body?.getReader()
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('one')
  const reading = reader?.read()
  abort.abort(new Error('enough'))
  await expect(reading).rejects.toThrow('enough')
  expect(cancelled).toEqual([new Error('enough')])
})
