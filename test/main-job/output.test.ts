import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import { createTemporaryHome, inherited } from './run-letta.ts'
import { sharedProgram } from './shared-program.ts'

let program: { readonly main: string }
beforeAll(async () => {
  program = await sharedProgram()
}, 30_000)

/** A device whose every write fails as on a full disk. */
const fullDevice = '/dev/full'

/** Lists the agents of a new data folder with the given files as output and error output. */
function listAgents(stdout: number | 'pipe', stderr: number | 'pipe') {
  using home = createTemporaryHome()
  return spawnSync(process.execPath, [program.main, 'agents', 'list', '--json'], {
    env: { ...inherited(), LETTA_HOME: home.path },
    stdio: ['ignore', stdout, stderr],
    encoding: 'utf8',
    timeout: 30_000,
  })
}

it.skipIf(!existsSync(fullDevice))(
  'output that cannot be written is told in a sentence, and what cannot be told ends nothing',
  () => {
    const full = openSync(fullDevice, 'w')
    const { status, stderr } = listAgents(full, 'pipe')
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^Cannot write the output: the disk is full\. Write it elsewhere\.\n$/),
    ])
    expect(listAgents('pipe', full)).toMatchObject({ status: 0, stdout: '[]\n' })
    closeSync(full)
  },
)

it.skipIf(process.platform === 'win32')(
  'a folder that was removed is told in a sentence, by the commands that need one',
  () => {
    using home = createTemporaryHome()
    const start = (parameters: string) =>
      spawnSync(
        'sh',
        [
          '-c',
          `mkdir gone && cd gone && rmdir ../gone && "$@" ${parameters}`,
          'sh',
          process.execPath,
          program.main,
        ],
        {
          cwd: home.path,
          env: { ...inherited(), LETTA_HOME: home.path },
          encoding: 'utf8',
          timeout: 30_000,
        },
      )
    expect(start('-p hello')).toMatchObject({
      status: 1,
      stderr: 'Cannot work in this folder: it was removed. Change to one that exists.\n',
    })
    expect(start('agents list --json')).toMatchObject({ status: 0, stdout: '[]\n' })
  },
)
