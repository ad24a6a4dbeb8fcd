import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeAll, expect, it } from 'vitest'
import { partialCopyFact } from '../../src/storage/engine/partial-copy.ts'
import { hasVectors } from '../setup/postgres-server.ts'
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
    expect(JSON.parse(doctor.stdout)).toMatchObject({
      engine: home.engine,
      database: location,
      vectors: expect.stringMatching(vectorsBy(home.engine)),
    })
  }, 20_000)
})

/** What compares vectors with an engine; a PostgreSQL server that was named may have nothing for it. */
function vectorsBy(engine: string): RegExp {
  if (engine === 'sqlite') return /^built in$/
  return hasVectors()
    ? /^pgvector \d/
    : /^none, and all but search by meaning works: the server has/
}

it('letta doctor names half a copy, how to finish it and how to be rid of it', async () => {
  using home = createTemporaryHome()
  const at = { home: home.path, main: program.main }
  expect(await runHere(at, 'agents', 'list')).toMatchObject({ code: 0 })
  const database = new DatabaseSync(join(home.path, 'letta.db'))
  database.exec(`INSERT INTO database_facts (name, value) VALUES ('${partialCopyFact}', 'other')`)
  database.close()
  const doctor = await runHere(at, 'doctor')
  expect(doctor.code).toBe(1)
  expect(doctor.stdout).toMatch(
    /FAILED open: .+ holds only a part.+Run the same `letta db copy` again to finish it, or delete the folder/,
  )
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

it('letta doctor asks the model that was chosen, and says what it lacks', async () => {
  using home = createTemporaryHome()
  const at = { home: home.path, main: program.main }
  const withKey = { ...at, environment: { OPENAI_API_KEY: 'sk-otter' } }
  expect(await runHere(withKey, 'model', 'openai/gpt-4o')).toMatchObject({ code: 0 })
  const doctor = await runHere(at, 'doctor')
  expect(doctor.code).toBe(1)
  expect(doctor.stdout).toMatch(
    /ok     store: .+\nFAILED model call: .+openai\/gpt-4o.+OPENAI_API_KEY is missing.+\nok     delete: /,
  )
})
