import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const program = new URL('../../scripts/bootstrap/program.mjs', import.meta.url).href

/** What `npm start -- server` does under a Node that is not the project's. */
const startElsewhere = `
  const { runUnderOwnRuntime } = await import(${JSON.stringify(program)})
  await runUnderOwnRuntime(['start', '--', 'server', '--port', '0'])
`

test('a program that npm start runs in a process of its own ends when the one that started it is killed', async () => {
  const home = await mkdtemp(join(tmpdir(), 'letta-ts-end-'))
  const starter = spawn(process.execPath, ['--input-type=module', '--eval', startElsewhere], {
    env: { ...process.env, LETTA_HOME: home },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  try {
    let said = ''
    starter.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    while (!said.includes('listens on')) await once(starter.stdout, 'data')
    // The pipe closes when the last process that holds it has ended.
    const closed = once(starter, 'close')
    starter.kill('SIGKILL')
    await closed
    expect(said).toContain('listens on')
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
  }
})
