import pg from 'pg'
import { expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import { createTestDatabase } from '../../../test/setup/postgres-server.ts'
import { analyzeGrown, GrownTables } from './grown-tables.ts'

describePostgres('tables that grow', () => {
  it('are looked at when they hold twice as many rows as before, and small ones never', async () => {
    await using database = await createTestDatabase()
    // Not a pool, whose end does not wait for its connections: they would see the database go.
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const grow = async (count: number): Promise<void> => {
      await client.query(`INSERT INTO "Big" SELECT n FROM generate_series(1, ${count}) n`)
      await client.query('SELECT pg_stat_force_next_flush()')
    }
    try {
      await client.query('CREATE TABLE "Big" (n int); CREATE TABLE small (n int)')
      await client.query('INSERT INTO small VALUES (1), (2), (3)')
      await grow(100)
      expect(await analyzeGrown(client)).toEqual(['"Big"'])
      await grow(90)
      expect(await analyzeGrown(client)).toEqual([])
      await grow(20)
      expect(await analyzeGrown(client)).toEqual(['"Big"'])
    } finally {
      await client.end()
    }
  })

  it('are looked for while something is written, less and less often when none is found', async () => {
    let [now, looks] = [0, 0]
    const query = (): Promise<object> => {
      looks += 1
      return Promise.resolve({ rows: [] })
    }
    const grown = new GrownTables({ pool: { query } as unknown as pg.Pool, now: () => now })
    const seen: number[] = []
    for (now = 0; now <= 8000; now += 500) {
      const before = looks
      grown.noticeWrite()
      await grown.settled()
      if (looks > before) seen.push(now)
    }
    expect(seen).toEqual([1000, 3000, 7000])
  })
})
