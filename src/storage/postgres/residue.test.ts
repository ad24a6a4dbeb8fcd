import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { expect, it } from 'vitest'
import { describeOwnServer } from '../../../test/setup/describe-postgres.ts'
import { relationsWith } from '../../../test/setup/postgres-bytes.ts'
import { execute } from '../../../test/setup/postgres-server.ts'
import { borrowDatabase } from '../../../test/setup/postgres-store.ts'
import { defaultScope } from '../../domain/scope.ts'
import { createTestApp } from '../../testing/create-test-app.ts'
import { canaryScript, plantCanaries } from '../../testing/forget-canaries.ts'
import { openStore } from '../open-store.ts'

/** A word that no other test of this server says. */
const word = `zug${randomBytes(6).toString('hex')}x`

/** What the server notes of tables by itself it may note late, of what was there before. */
const leaveToUs = `DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
    EXECUTE format('ALTER TABLE %I SET (autovacuum_enabled = false)', name);
  END LOOP; END $$`

describeOwnServer('what was forgotten on PostgreSQL', () => {
  it('is in no byte of a table, index, vector, long text or statistic', async () => {
    await using database = await borrowDatabase()
    await using test = await createTestApp({
      store: await openStore({ location: database.url, hooks: { leaseClockOffset: 0 } }),
      script: canaryScript(word),
    })
    await execute(database.url, leaveToUs)
    const { agent } = await plantCanaries(test, word)
    const { store, services } = test.app
    const long = `${randomBytes(9000).toString('base64')} ${word} end`
    const [passage] = await services.archives.addPassages(defaultScope, { agentId: agent.id }, [
      { text: long, tags: [], metadata: {}, createdAt: 1 },
    ])
    const vector = [3, 5, 7, 11]
    await store.putVectors(defaultScope, {
      items: [{ kind: 'passage', id: passage?.id ?? '', model: 'm', vector }],
    })
    const length = Math.hypot(...vector)
    const numbers = Buffer.from(Float32Array.from(vector, (value) => value / length).buffer)
    await execute(database.url, 'ANALYZE')
    const found = await relationsWith(database.url, [word, numbers])
    expect(found).toEqual(expect.arrayContaining(['messages', 'pg_statistic']))
    expect(found.length).toBeGreaterThan(10)
    const request = { ids: [], query: word, cutOnly: false, agentId: agent.id }
    const { token } = await services.forget.preview(defaultScope, request)
    const receipt = await services.forget.confirm(defaultScope, request, token)
    expect(receipt.residue).toMatchObject({ rowsFound: 0 })
    expect(receipt.outside.filter((place) => place.includes('free space'))).toEqual([])
    expect(await relationsWith(database.url, [word, numbers])).toEqual([])
  })

  it('is named as still there in tables that are larger than what is written anew', async () => {
    await using database = await borrowDatabase()
    const hooks = { leaseClockOffset: 0 }
    const store = await openStore({ location: database.url, hooks, rewriteLimitBytes: 0 })
    await using test = await createTestApp({ store })
    const { forget, archives } = test.app.services
    const agent = await test.createAgent()
    // The other one stays, and with it the page of both.
    const passages = ['other', word].map((name) => {
      return { text: `The ${name} is here.`, tags: [], metadata: {}, createdAt: 1 }
    })
    await archives.addPassages(defaultScope, { agentId: agent.id }, passages)
    const request = { ids: [], query: word, cutOnly: false, agentId: agent.id }
    const { token } = await forget.preview(defaultScope, request)
    const { outside } = await forget.confirm(defaultScope, request, token)
    expect(await relationsWith(database.url, [word])).toContain('passages')
    expect(outside).toContainEqual(
      expect.stringMatching(
        /^free space of passages in the server’s files, .*LETTA_FORGET_REWRITE_MB/,
      ),
    )
  })

  it('is named as still there while somebody can see the statistics of before', async () => {
    await using database = await borrowDatabase()
    await using test = await createTestApp({
      store: await openStore({ location: database.url, hooks: { leaseClockOffset: 0 } }),
    })
    const { forget, archives } = test.app.services
    const agent = await test.createAgent()
    const passages = ['late', 'here'].map((state) => {
      return { text: `The ${word} is ${state}.`, tags: [], metadata: {}, createdAt: 1 }
    })
    await archives.addPassages(defaultScope, { agentId: agent.id }, passages)
    await execute(database.url, 'ANALYZE')
    const reader = new pg.Client(database.url)
    await reader.connect()
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1')
    const request = { ids: [], query: word, cutOnly: false, agentId: agent.id }
    const { token } = await forget.preview(defaultScope, request)
    const { outside } = await forget.confirm(defaultScope, request, token)
    await reader.end()
    expect(await relationsWith(database.url, [word])).toContain('pg_statistic')
    expect(outside.join('\n')).toContain('free space of pg_statistic')
  })
})
