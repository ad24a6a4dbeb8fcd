import { describe, expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import { createTestDatabase, execute } from '../../../test/setup/postgres-server.ts'
import { expectRefused } from '../conformance/conformance-case.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'
import { parseDatabaseUrl } from './database-url.ts'
import { isClash, isConnectionLost, toStorageError } from './postgres-error.ts'

const secret = 'not-to-be-shown'

/** The error of an attempt to open; the test fails when it opens. */
async function openingError(location: string): Promise<Error> {
  const store = openStore({ location, busyDeadlineMs: 500 })
  try {
    await (await store).close()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('It was opened')
}

describe('parseDatabaseUrl()', () => {
  it('shows where a database is without user and password', () => {
    expect(parseDatabaseUrl(`postgres://me:${secret}@db.test:5433/letta?sslmode=require`)).toEqual({
      connectionString: `postgres://me:${secret}@db.test:5433/letta?sslmode=require`,
      location: 'postgres://db.test:5433/letta',
    })
  })

  it('refuses what it cannot read and never repeats it', () => {
    for (const url of [
      `postgres://me:${secret}#/@host/name`,
      `postgres://me:${secret}%@host/name`,
      `postgres://me:${secret}@host`,
      `postgres://me:${secret}@host:port/name`,
    ]) {
      const read = (): unknown => parseDatabaseUrl(url)
      expect(read).toThrow(/^Cannot read the database URL: .+\.$/)
      expect(read).not.toThrow(secret)
    }
  })
})

describe('toStorageError()', () => {
  it('names what happened by a code, in one sentence and what to do', () => {
    const withCode = (code: string): Error => Object.assign(new Error('x'), { code })
    const codes = [
      ['23505', 'conflict'],
      ['25006', 'storage_read_only'],
      ['28P01', 'storage_failed'],
      ['3D000', 'storage_failed'],
      ['40P01', 'storage_busy'],
      ['53100', 'storage_full'],
      ['53300', 'storage_busy'],
      ['55P03', 'storage_busy'],
      ['57014', 'storage_busy'],
      ['57P01', 'storage_failed'],
      ['XX001', 'storage_corrupt'],
      ['ECONNREFUSED', 'storage_failed'],
      ['99999', 'storage_failed'],
    ] as const
    for (const [code, expected] of codes) {
      expect(toStorageError(withCode(code), 'postgres://db/letta')).toMatchObject({
        code: expected,
        message: expect.stringMatching(
          /^Cannot use the database postgres:\/\/db\/letta: .+\. .+\.$/,
        ),
      })
    }
    expect(isClash(withCode('40001'))).toBe(true)
    expect(isConnectionLost(new Error('Connection terminated unexpectedly'))).toBe(true)
    expect(isConnectionLost(withCode('23505'))).toBe(false)
  })
})

describe('opening a server that does not answer', () => {
  it('says so without the password', async () => {
    const error = await openingError(`postgres://me:${secret}@127.0.0.1:1/letta`)
    expect(error.message).toMatch(/^Cannot use the database .+: the server cannot be reached\. /)
    expect(JSON.stringify([error.message, error.stack])).not.toContain(secret)
  })
})

describePostgres('opening a PostgreSQL database', () => {
  it('says what is wrong with the database, its user or its rights', async () => {
    await using database = await createTestDatabase()
    const url = new URL(database.url)
    url.pathname = '/nobody_made_this'
    expect((await openingError(url.href)).message).toContain('no database of this name')

    url.href = database.url
    url.username = 'nobody_made_this_either'
    expect((await openingError(url.href)).message).toContain('does not let this user in')

    const role = `letta_reader_${Math.trunc(performance.now() * 1000)}`
    await execute(database.url, `CREATE ROLE ${role} LOGIN`)
    url.username = role
    expect((await openingError(url.href)).message).toContain('may not do what is needed')
    await execute(database.url, `DROP ROLE ${role}`)
  })

  it('refuses a database whose schema is newer', async () => {
    await using database = await createTestDatabase()
    await (await openStore({ location: database.url })).close()
    await execute(database.url, `INSERT INTO migrations VALUES (999, 'later', 0)`)
    await expectRefused(openStore({ location: database.url }), 'storage_newer')
  })

  it('keeps everything for the next who opens it', async () => {
    await using database = await createTestDatabase()
    const store = await openStore({ location: database.url })
    const world = new World(store)
    const agent = await world.agent({ name: 'kept' })
    await store.close()
    await expectRefused(store.getAgent(world.scope, { id: agent.id }), 'storage_closed')
    const next = await openStore({ location: database.url })
    expect(await next.getAgent(world.scope, { id: agent.id })).toEqual(agent)
    expect(next.description).toMatchObject({
      engine: 'postgres',
      databaseId: store.description.databaseId,
    })
    await next.close()
  })
})
