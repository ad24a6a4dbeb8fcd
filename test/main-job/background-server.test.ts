import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { startFakeProvider } from '../../src/testing/fake-provider.ts'
import { describeEngines } from './describe-engines.ts'
import { runHere } from './run-here.ts'
import { createTemporaryHome, inherited, type LettaOptions, runLetta } from './run-letta.ts'
import { sharedProgram } from './shared-program.ts'

let program: { readonly main: string }
beforeAll(async () => {
  program = await sharedProgram()
}, 90_000)

/** The program as it is published, which starts faster. */
function optionsFor(home: string, environment: Readonly<Record<string, string>>): LettaOptions {
  return { home, main: program.main, environment }
}

/** Ends the server of a data folder with the test, whatever became of it, before the folder goes. */
function stopAfterwards(at: LettaOptions): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: async () => {
      await runHere(at, 'server', 'stop')
    },
  }
}

/** Waits until something holds; the bound is far above what it takes. */
async function until(holds: () => boolean): Promise<void> {
  await expect.poll(holds, { timeout: 30_000, interval: 25 }).toBe(true)
}

describe('letta server start, status and stop', () => {
  it('start one server in the background, find it and end it', async () => {
    using home = createTemporaryHome()
    const at = optionsFor(home.path, { LETTA_PORT: '0' })
    await using _server = stopAfterwards(at)
    expect(await runHere(at, 'server', 'status')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('No server runs'),
    })
    const [one, two] = await Promise.all([
      runLetta(at, 'server', 'start'),
      runLetta(at, 'server', 'start'),
    ])
    expect([one.code, two.code]).toEqual([0, 0])
    expect(one.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\n$/)
    expect(two.stdout).toBe(one.stdout)
    expect(existsSync(join(home.path, 'server.starting'))).toBe(false)
    const status = await runHere(at, 'server', 'status', '--json')
    expect(JSON.parse(status.stdout)).toMatchObject({ running: true, url: one.stdout.trim() })
    expect(await runHere(at, 'server', 'stop')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Stopped the server \(process \d+\)\.\n$/),
    })
    expect(existsSync(join(home.path, 'server.json'))).toBe(false)
    expect((await runHere(at, 'server', 'stop')).stderr).toContain('No server runs')
  }, 90_000)

  it('say what the server said when it could not start', async () => {
    using home = createTemporaryHome()
    const at = optionsFor(home.path, { LETTA_PORT: '0' })
    const { code, stdout, stderr } = await runLetta(at, 'server', 'start', '--tools', 'none.mjs')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`Cannot load tools from ${join(home.path, 'none.mjs')}`)
  }, 90_000)

  it('leave another process alone that has the number of a server that died', async () => {
    using home = createTemporaryHome()
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const exited = once(other, 'exit')
    const file = { url: 'http://127.0.0.1:9', pid: other.pid, instanceId: 'x', version: '0' }
    writeFileSync(join(home.path, 'server.json'), JSON.stringify(file))
    const { code, stderr } = await runHere(optionsFor(home.path, {}), 'server', 'stop')
    expect([code, stderr]).toEqual([0, `No server runs on ${home.path}.\n`])
    other.kill('SIGKILL')
    expect(await exited).toEqual([null, 'SIGKILL'])
  }, 90_000)

  it('end by themselves when there is nothing to do', async () => {
    using home = createTemporaryHome()
    const at = optionsFor(home.path, { LETTA_PORT: '0' })
    await using _server = stopAfterwards(at)
    expect((await runLetta(at, 'server', 'start', '--idle-exit', '0.03')).code).toBe(0)
    await until(() => !existsSync(join(home.path, 'server.json')))
    await until(() => readFileSync(join(home.path, 'server.log'), 'utf8').includes('stopping'))
  }, 90_000)
})

describeEngines('letta -p … --detach', (createHome) => {
  it('returns at once, the run goes on without it, and runs watch shows it', async () => {
    await using home = await createHome()
    const release = Promise.withResolvers<void>()
    await using provider = await startFakeProvider({
      script: async () => {
        await release.promise
        return { text: 'All done.' }
      },
    })
    const at = optionsFor(home.path, {
      ...home.environment,
      OPENAI_BASE_URL: provider.url,
    })
    await using _server = stopAfterwards(at)
    const sent = await runLetta(at, '-p', 'Tidy up.', '--detach')
    expect(sent).toMatchObject({ code: 0, stdout: expect.stringMatching(/^run-[0-9a-f-]+\n$/) })
    const runId = sent.stdout.trim()
    const active = await runHere(at, 'runs', 'list', '--active')
    expect(active.stdout).toMatch(new RegExp(`^${runId} +(created|running) `))
    const watching = runHere(at, 'runs', 'watch', runId)
    release.resolve()
    expect(await watching).toMatchObject({ code: 0, stdout: 'All done.\n' })
    expect((await runHere(at, 'runs', 'show', runId)).stdout).toContain('completed  end_turn')
  }, 90_000)

  it('can be cancelled', async () => {
    await using home = await createHome()
    await using provider = await startFakeProvider({ script: () => ({ text: 'x', hangAfter: 0 }) })
    const at = optionsFor(home.path, {
      ...home.environment,
      OPENAI_BASE_URL: provider.url,
    })
    await using _server = stopAfterwards(at)
    const { stdout } = await runLetta(at, '-p', 'Wait.', '--detach', '--output-format', 'json')
    const { run_id: runId } = JSON.parse(stdout) as { run_id: string }
    expect(await runHere(at, 'runs', 'cancel', runId)).toMatchObject({
      code: 0,
      stderr: `Cancelled ${runId}.\n`,
    })
    expect((await runHere(at, 'runs', 'list')).stdout).toMatch(/^run-\S+ +cancelled /)
  }, 90_000)
})

it.each([
  ['an agent', ['--agent', 'Nobody'], /^Cannot find the agent "Nobody"/],
  ['a model', ['--model', 'openai/gpt-none'], /^Cannot use model openai\/gpt-none: /],
])(
  'letta -p … --detach starts no server for %s that does not exist',
  async (_, words, error) => {
    using home = createTemporaryHome()
    const at = optionsFor(home.path, {})
    await using _server = stopAfterwards(at)
    const sent = await runLetta(at, '-p', 'Tidy up.', ...words, '--detach')
    expect(sent).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(error),
    })
    expect(existsSync(join(home.path, 'server.log'))).toBe(false)
  },
  90_000,
)

describeEngines('letta runs watch without a server', (createHome) => {
  it('carries on a run whose process died', async () => {
    await using home = await createHome()
    await using provider = await startFakeProvider({
      script: (_body, index) =>
        index === 0 ? { text: 'x', hangAfter: 0 } : { text: 'Carried on.' },
    })
    const environment = {
      ...home.environment,
      LETTA_HOME: home.path,
      OPENAI_BASE_URL: provider.url,
    }
    const child = spawn(process.execPath, [program.main, '-p', 'Hello.'], {
      cwd: home.path,
      env: { ...inherited(), ...environment },
      stdio: 'ignore',
    })
    const exited = once(child, 'exit')
    await until(() => provider.requests.length === 1)
    child.kill('SIGKILL')
    await exited
    const at = optionsFor(home.path, environment)
    const { stdout } = await runHere(at, 'runs', 'list', '--active')
    expect(stdout).toMatch(/^run-\S+ +interrupted +conv-/)
    const [runId = ''] = stdout.split(' ')
    expect(await runHere(at, 'runs', 'watch', runId)).toEqual({
      code: 0,
      stdout: 'Carried on.\n',
      stderr: 'No server runs: this command carries the run on.\n',
    })
  }, 90_000)
})
