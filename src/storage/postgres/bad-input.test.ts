import { describe, expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import {
  createPlainDatabase,
  createTestDatabase,
  execute,
  queryRows,
} from '../../../test/setup/postgres-server.ts'
import { startFakePostgres, type FakePostgresOptions } from '../../testing/fake-postgres.ts'
import { expectRefused } from '../conformance/conformance-case.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'

const secret = 'plum-otter'

/** Opens a database, expects one sentence and what to do, and no trace of the password; returns the sentence. */
async function refusalOf(location: string): Promise<string> {
  const error: unknown = await openStore({ location, busyDeadlineMs: 500 }).then(
    async (store) => await store.close(),
    (reason: unknown) => reason,
  )
  if (!(error instanceof Error)) throw new Error('It was opened')
  expect(error.message).toMatch(
    /^Cannot (use|open|read) the database[^.]*(\.\d+)*.+: [^.]+(\.\d+)*[^.]*\. .+\.$/,
  )
  expect(JSON.stringify([error.message, error.stack, error])).not.toContain(secret)
  return error.message
}

const oldServer = { version: '140012', name: '14.12', encoding: 'UTF8' }

describe('a database URL that cannot work', () => {
  it.each([
    ['is no URL', `postgres://me:${secret}@:port:/x`, 'it is not a URL'],
    [
      'has a character that has to be written as %XX',
      `postgres://me:${secret}#@h/x`,
      'with special characters in user and password as %XX',
    ],
    [
      'names a database that the driver cannot ask for',
      `postgres://me:${secret}@h/a%3Fb`,
      'with ? or # in its name',
    ],
    ['names no database', `postgres://me:${secret}@127.0.0.1`, 'it names no database'],
    [
      'names a port where nobody listens',
      `postgres://me:${secret}@127.0.0.1:1/x`,
      'the server cannot be reached. Start it, or correct host and port',
    ],
    [
      'names a certificate that is not there',
      `postgres://me:${secret}@127.0.0.1:1/x?sslmode=verify-full&sslrootcert=/nowhere/at/all`,
      'a certificate or key that the URL names cannot be read',
    ],
    [
      'names a host that is nowhere',
      `postgres://me:${secret}@nowhere.invalid/x`,
      'the server cannot be reached',
    ],
  ])('%s: is refused in a sentence', async (_, url, sentence) => {
    expect(await refusalOf(url)).toContain(sentence)
  })

  it.each<readonly [string, string, FakePostgresOptions, string]>([
    [
      'has another password than the server',
      '',
      { refusal: { code: '28P01', message: `password authentication failed for user "me"` } },
      'the server refused the user or the password',
    ],
    [
      'leads to a server older than 15',
      '',
      { row: oldServer },
      'its server is PostgreSQL 14.12 and 15 is the oldest that works',
    ],
    [
      'leads to a database that is not UTF-8',
      '',
      { row: { ...oldServer, version: '150000', encoding: 'LATIN1' } },
      'its encoding is LATIN1 and not UTF8',
    ],
    [
      'asks for TLS of a server without it',
      '?sslmode=verify-full',
      {},
      'the URL asks for TLS and the server has none',
    ],
  ])('%s: is refused in a sentence', async (_, parameters, options, sentence) => {
    await using server = await startFakePostgres(options)
    const url = `postgres://me:${secret}@127.0.0.1:${server.port}/letta${parameters}`
    expect(await refusalOf(url)).toContain(sentence)
  })
})

describePostgres('a PostgreSQL database', () => {
  it('is found by a URL with special characters in user, password and name', async () => {
    await using database = await createTestDatabase()
    const [user, name] = [`m e@${crypto.randomUUID()}`, `na me/ü&%${crypto.randomUUID()}`]
    await execute(database.url, `CREATE ROLE "${user}" LOGIN PASSWORD 'p%/@:#'`)
    await execute(database.url, `CREATE DATABASE "${name}" OWNER "${user}" TEMPLATE template0`)
    const url = new URL(database.url)
    url.username = encodeURIComponent(user)
    url.password = encodeURIComponent('p%/@:#')
    url.pathname = `/${encodeURIComponent(name)}`
    const store = await openStore({ location: url.href })
    expect(store.description.location).not.toContain('p%')
    await store.close()
    await execute(database.url, `DROP DATABASE "${name}" WITH (FORCE)`)
    await execute(database.url, `DROP ROLE "${user}"`)
  })

  it('is refused when it does not exist, its user may not enter or may not create tables', async () => {
    await using database = await createTestDatabase()
    const url = new URL(database.url)
    url.password = secret
    url.pathname = '/nobody_made_this'
    expect(await refusalOf(url.href)).toContain('no database of this name')
    url.href = database.url
    url.username = 'nobody_made_this_either'
    url.password = secret
    expect(await refusalOf(url.href)).toContain('does not let this user in')
    await using plain = await createPlainDatabase()
    await execute(
      plain.adminUrl,
      `REVOKE CREATE ON SCHEMA public FROM PUBLIC, "${new URL(plain.url).username}"`,
    )
    expect(await refusalOf(plain.url)).toContain('may not do what is needed')
  })

  it('is refused when its schema is newer than the program, and stays as it is', async () => {
    await using database = await createTestDatabase()
    await (await openStore({ location: database.url })).close()
    await execute(database.url, `INSERT INTO migrations VALUES (999, 'later', 0)`)
    expect(await refusalOf(database.url)).toMatch(
      /it has version 999 and this program knows .+ Install the newer program/,
    )
    const rows = await queryRows(database.url, 'SELECT max(number)::int AS number FROM migrations')
    expect(rows).toEqual([{ number: 999 }])
  })

  it('refuses a write when its disk is full, stores nothing of it, and goes on when there is space', async () => {
    await using database = await createTestDatabase()
    const store = await openStore({ location: database.url, hooks: { leaseClockOffset: 0 } })
    const world = new World(store)
    const agent = await world.agent()
    await execute(database.url, diskFull)
    const input = world.input(agent, 'heron')
    await expectRefused(store.acceptInput(world.scope, input), 'storage_full')
    await expect(store.acceptInput(world.scope, input)).rejects.toThrow(
      /: the server's disk is full\. Free some space and try again\.$/,
    )
    await execute(database.url, 'DROP TRIGGER full_disk ON messages')
    expect(await world.found(agent, 'heron')).toEqual([])
    expect(
      await store.listRuns(world.scope, { filter: {}, page: { limit: 9, order: 'asc' } }),
    ).toEqual([])
    await store.acceptInput(world.scope, input)
    expect(await world.found(agent, 'heron')).toHaveLength(1)
    await store.close()
  })
})

/** The last thing an accepted input stores fails as it does on a full disk. */
const diskFull = `
  CREATE FUNCTION fail_full() RETURNS trigger LANGUAGE plpgsql AS $full$
  BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
  END $full$;
  CREATE TRIGGER full_disk BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION fail_full()`
