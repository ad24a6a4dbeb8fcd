import { describe, expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import { createTestDatabase } from '../../../test/setup/postgres-server.ts'
import { expectRefused } from '../conformance/conformance-case.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'
import { parseDatabaseUrl } from './database-url.ts'
import { isClash, isConnectionLost, toStorageError } from './postgres-error.ts'

const secret = 'not-to-be-shown'

describe('parseDatabaseUrl()', () => {
  it('shows where a database is without user and password', () => {
    expect(parseDatabaseUrl(`postgres://me:${secret}@db.test:5433/letta?sslmode=require`)).toEqual({
      connectionString: `postgres://me:${secret}@db.test:5433/letta?sslmode=verify-full`,
      location: 'postgres://db.test:5433/letta',
    })
  })

  it('leaves to the driver what it does by itself', () => {
    for (const parameters of ['?sslmode=no-verify', '?uselibpqcompat=true&sslmode=require']) {
      const { connectionString } = parseDatabaseUrl(`postgres://me@db.test/letta${parameters}`)
      expect(connectionString).toContain(parameters)
    }
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
  it.each([
    ['SELF_SIGNED_CERT_IN_CHAIN', 'nobody who is trusted here signed the server'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'Add sslrootcert=<file>'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate is for another host'],
    ['CERT_HAS_EXPIRED', 'certificate has expired'],
  ])('says what to do about a certificate: %s', (code, sentence) => {
    const refused = Object.assign(new Error('look at openssl'), { code })
    const { message } = toStorageError(refused, 'postgres://db/letta')
    expect(message).toContain(sentence)
    expect(message).not.toContain('openssl')
  })

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

describePostgres('opening a PostgreSQL database', () => {
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
