import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { describePostgres } from '../setup/describe-postgres.ts'
import { borrowDatabase } from '../setup/postgres-store.ts'
import { runHere } from './run-here.ts'
import { createTemporaryHome, runLetta } from './run-letta.ts'
import { sharedProgram } from './shared-program.ts'

let program: { readonly main: string }
beforeAll(async () => {
  program = await sharedProgram()
}, 30_000)

const told = 'The wifi password is plum-otter.'
const asked = 'What is the wifi password?'

describe('letta backup and letta restore', () => {
  it('bring back what was told before the backup', async () => {
    using home = createTemporaryHome()
    using other = createTemporaryHome()
    const at = { home: join(home.path, 'data'), cwd: home.path, main: program.main }
    await runHere(at, '-p', told)
    const backup = await runLetta(at, 'backup', 'kept.db')
    expect(backup).toMatchObject({ code: 0, stdout: expect.stringContaining('checked') })
    expect(backup.stdout).toContain(`keep ${join(at.home, 'secret.key')}, too`)
    const elsewhere = { ...at, home: join(other.path, 'data') }
    expect(await runLetta(elsewhere, 'restore', 'kept.db')).toMatchObject({ code: 0 })
    expect((await runHere(elsewhere, '-p', asked)).stdout).toContain('plum-otter')
    const migrated = await runHere(elsewhere, 'migrate', '--json')
    expect(JSON.parse(migrated.stdout)).toMatchObject({ engine: 'sqlite' })
  }, 30_000)
})

describe('letta backup and letta restore beside a server', () => {
  it('write a backup while it works, and refuse to put one back until it is stopped', async () => {
    using home = createTemporaryHome()
    const environment = { LETTA_PORT: '0' }
    const at = { home: join(home.path, 'data'), cwd: home.path, main: program.main, environment }
    await using _server: AsyncDisposable = {
      [Symbol.asyncDispose]: async () => {
        await runHere(at, 'server', 'stop')
      },
    }
    await runLetta(at, 'server', 'start')
    const [said, backup] = await Promise.all([
      runHere(at, '-p', told),
      runLetta(at, 'backup', 'kept.db'),
    ])
    expect([said.code, backup.code]).toEqual([0, 0])
    await runHere(at, 'backup', 'later.db')
    const refused = await runHere(at, 'restore', 'kept.db')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toBe(
      `Cannot restore into ${at.home}: another process has it open. Stop that process first.\n`,
    )
    expect((await runHere(at, '-p', asked)).stdout).toContain('plum-otter')
    const stopped = await runHere(at, 'server', 'stop')
    expect(stopped.stderr).toMatch(/^Stopped the server/)
    expect(await runHere(at, 'restore', 'later.db')).toMatchObject({ code: 0, stderr: '' })
    expect((await runHere(at, '-p', asked)).stdout).toContain('plum-otter')
  }, 40_000)
})

describePostgres('letta db copy', () => {
  it('takes what was told from the data folder to PostgreSQL', async () => {
    using home = createTemporaryHome()
    await using database = await borrowDatabase()
    const at = { home: join(home.path, 'data'), cwd: home.path, main: program.main }
    await runHere(at, '-p', told)
    const copied = await runLetta(at, 'db', 'copy', '--from', 'data', '--to', database.url)
    expect(copied).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('checksums are equal'),
    })
    const verified = await runHere(
      at,
      'db',
      'copy',
      '--from',
      'data',
      '--to',
      database.url,
      '--verify',
    )
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('are equal') })
    const environment = { DATABASE_URL: database.url }
    expect((await runHere({ ...at, environment }, '-p', asked)).stdout).toContain('plum-otter')
    const refused = await runHere({ ...at, environment }, 'backup', 'x.db')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('pg_dump') })
  }, 30_000)
})
