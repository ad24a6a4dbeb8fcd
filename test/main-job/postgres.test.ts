import { expect, it } from 'vitest'
import { describePostgres } from '../setup/describe-postgres.ts'
import { createTestDatabase, queryRows } from '../setup/postgres-server.ts'
import { createTemporaryHome, runLetta } from './run-letta.ts'

describePostgres('letta on PostgreSQL', () => {
  it('keeps what it is told on the server and finds it from a new process', async () => {
    using home = createTemporaryHome()
    await using database = await createTestDatabase()
    const at = { home: home.path, environment: { DATABASE_URL: database.url } }
    const told = await runLetta(at, '-p', 'My favorite project is the autonomous drone hub.')
    expect(told).toMatchObject({ code: 0 })
    const asked = await runLetta(at, '-p', 'What is my favorite project?')
    expect(asked.stdout).toContain('the autonomous drone hub')
    const rows = await queryRows(database.url, 'SELECT count(*)::int AS count FROM runs')
    expect(rows).toEqual([{ count: 2 }])
    const doctor = await runLetta(at, 'doctor')
    expect(doctor.stderr).toBe('')
    expect(doctor.stdout).toContain('engine: postgres')
    expect(doctor).toMatchObject({ code: 0 })
  })

  it('says in one sentence what is wrong with a URL, never with its password', async () => {
    using home = createTemporaryHome()
    for (const url of [
      'postgres://me:plum-otter@127.0.0.1:1/letta',
      'mysql://me:plum-otter@db/x',
    ]) {
      const environment = { DATABASE_URL: url }
      const result = await runLetta({ home: home.path, environment }, '-p', 'Hello.')
      expect(result.code).not.toBe(0)
      expect(result.stderr).toMatch(/Cannot use the (database|setting)/)
      expect(result.stdout + result.stderr).not.toContain('plum-otter')
    }
  })
})
