import { beforeAll, expect, it } from 'vitest'
import { describeEngines } from './describe-engines.ts'
import { runHere } from './run-here.ts'
import { createTemporaryHome, runLetta } from './run-letta.ts'
import { sharedProgram } from './shared-program.ts'

let program: { readonly main: string }
beforeAll(async () => {
  program = await sharedProgram()
}, 30_000)

describeEngines('letta doctor', (createHome) => {
  it('names the engine and where its data is, and proves that it works', async () => {
    await using home = await createHome()
    const at = { home: home.path, main: program.main, environment: home.environment }
    const doctor = await runLetta(at, 'doctor', '--json')
    expect(doctor).toMatchObject({ code: 0, stderr: '' })
    const location =
      home.engine === 'sqlite'
        ? home.path
        : (home.environment['DATABASE_URL'] ?? '').replace('postgres@', '')
    expect(JSON.parse(doctor.stdout)).toMatchObject({ engine: home.engine, database: location })
  }, 20_000)
})

it('letta doctor says what is wrong with a database that cannot be used, and fails', async () => {
  using home = createTemporaryHome()
  const environment = { DATABASE_URL: 'postgres://me:plum-otter@127.0.0.1:1/letta' }
  const at = { home: home.path, main: program.main, environment }
  const doctor = await runHere(at, 'doctor')
  expect(doctor.code).toBe(1)
  expect(doctor.stdout).toContain('FAILED open: Cannot use the database postgres://127.0.0.1:1')
  expect(doctor.stdout + doctor.stderr).not.toContain('plum-otter')
}, 20_000)
