import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/setup/postgres-server.ts'
import { CommonTerms } from '../engine/common-terms.ts'
import { HeldLists } from './held-lists.ts'
import { LeaseClock } from './lease-clock.ts'
import { PreparedStatements } from './prepared-statements.ts'
import { SqlConnection } from './sql-connection.ts'
import { StatementTexts } from './statement-texts.ts'

describePostgres('the statements of an operation', () => {
  let database: TestDatabase
  let client: pg.Client
  let connection: SqlConnection
  const statements = new StatementTexts()
  const prepared = new PreparedStatements()
  const leaseClock = new LeaseClock({ distance: 0, isFixed: true })
  const [commonTerms, heldLists] = [new CommonTerms(), new HeldLists()]
  const answerWithinMs = 10_000
  const open = (): SqlConnection =>
    new SqlConnection({
      client,
      prepared,
      statements,
      leaseClock,
      commonTerms,
      heldLists,
      answerWithinMs,
    })

  beforeAll(async () => {
    database = await createTestDatabase()
    client = new pg.Client(database.url)
    await client.connect()
    await client.query('CREATE TABLE notes (id int PRIMARY KEY, body text)')
  })

  beforeEach(async () => {
    await client.query('TRUNCATE notes')
    connection = open()
  })

  afterAll(async () => {
    await client.end()
    await database.remove()
  })

  it('are answered each with its rows, counts and numbers', async () => {
    const answers = await Promise.all([
      connection.run('INSERT INTO notes SELECT n, ? FROM generate_series(1, 3) n', 'said'),
      connection.all('SELECT id, body, id::bigint FROM notes ORDER BY notes.id LIMIT ?', 2),
      connection.get('SELECT body FROM notes WHERE id = ?', 9),
      connection.get('SELECT NULL, ?::text', null),
    ])
    const rows = [1, 2].map((id) => [id, 'said', id])
    expect(answers).toEqual([3, rows, undefined, [null, null]])
    expect(connection.roundTrips).toBe(1)
  })

  it('keep every letter of a list', async () => {
    const words = ['a"b', String.raw`c\d`, '{e,f}', 'NULL', '', "g'h"]
    const rows = await connection.all('SELECT unnest(?::text[])', words)
    expect(rows.flat()).toEqual(words)
    expect(await connection.get('SELECT ?::int[] = ARRAY[1, -2]', [1, -2])).toEqual([true])
  })

  it('fail with the first that failed, whose followers were not done, and can be sent again', async () => {
    const insert = 'INSERT INTO notes (id, body) VALUES (?, 1 / ?::int)'
    const follow = 'UPDATE notes SET body = ? WHERE id = ?'
    connection.begin()
    const failing = connection.run(insert, 1, 0)
    const behind = connection.run(follow, 'never', 1)
    await expect(failing).rejects.toThrow('division by zero')
    await expect(behind).rejects.toThrow('division by zero')
    await connection.rollBack()
    connection = open()
    connection.begin()
    connection.post(insert, 1, 1)
    connection.post(follow, 'now', 1)
    expect(await connection.commit()).toBe(true)
    expect(await connection.get('SELECT body FROM notes WHERE id = 1')).toEqual(['now'])
  })

  it('can be sent again after one failed and was then passed over behind another that failed', async () => {
    const divide = 'SELECT 10 / ?::int'
    const attempt = async (...divisors: readonly number[]): Promise<unknown> => {
      const each = open()
      each.begin()
      const answers = divisors.map((divisor) => each.get(divide, divisor))
      const results = await Promise.allSettled(answers)
      await each.rollBack()
      return results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed'))
    }
    expect(await attempt(0)).toEqual(['failed'])
    connection.begin()
    connection.post('INSERT INTO notes (id) VALUES (1 / ?::int)', 0)
    await expect(connection.get(divide, 5)).rejects.toThrow('division by zero')
    await connection.rollBack()
    expect(await attempt(5, 2)).toEqual([[2], [5]])
  })

  it('leave nothing open after a commit that was refused', async () => {
    connection.begin()
    connection.post('INSERT INTO notes (id) VALUES (1)')
    void connection.require('SELECT 1 FROM notes WHERE id = 2')
    expect(await connection.commit()).toBe(false)
    connection.finish()
    const next = open()
    next.begin()
    const found = next.get('SELECT count(*)::int FROM notes')
    expect(await next.commit()).toBe(true)
    expect(await found).toEqual([0])
    expect([connection.roundTrips, next.roundTrips]).toEqual([1, 1])
  })

  it('go on outside of a transaction that was refused, and in a new one', async () => {
    connection.begin()
    void connection.require('SELECT 1 FROM notes WHERE id = 2')
    expect(await connection.commit()).toBe(false)
    expect(await connection.get('SELECT count(*)::int FROM notes')).toEqual([0])
    connection.begin()
    connection.post('INSERT INTO notes (id) VALUES (3)')
    expect(await connection.commit()).toBe(true)
    expect(await open().all('SELECT id FROM notes')).toEqual([[3]])
  })
})
