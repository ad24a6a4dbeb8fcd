import { expect, it } from 'vitest'
import { describePgvector } from '../../../test/setup/describe-postgres.ts'
import {
  createPlainDatabase,
  createTestDatabase,
  execute,
  queryRows,
} from '../../../test/setup/postgres-server.ts'
import { expectRefused } from '../conformance/conformance-case.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'
import { toVectorSupport } from './prepare-vectors.ts'

describePgvector('a PostgreSQL database without pgvector', () => {
  it('keeps everything but vectors, says what to install, and takes vectors once it is there', async () => {
    await using database = await createPlainDatabase()
    const store = await openStore({ location: database.url })
    expect(store.description.vectors).toEqual({
      isAvailable: false,
      remedy: expect.stringMatching(/^pgvector \d\S+ is on the server, and this user may not/),
    })
    const world = new World(store)
    const agent = await world.agent()
    const [passage] = await world.remember(agent, 'grey heron')
    const vector = { kind: 'passage', id: passage?.id ?? '', model: 'm', vector: [1, 0] } as const
    const query = {
      archiveId: passage?.archiveId ?? '',
      model: 'm',
      vector: [1, 0],
      limit: 1,
      ...({ tags: [], tagMatch: 'any', from: null, until: null } as const),
    }
    await expectRefused(store.putVectors(world.scope, { items: [vector] }), 'vectors_unavailable')
    await expectRefused(store.searchPassageVectors(world.scope, query), 'vectors_unavailable')
    await store.deletePassage(world.scope, { id: passage?.id ?? '' })
    const [next] = await world.remember(agent, 'white heron')
    await store.close()

    await execute(database.adminUrl, 'CREATE EXTENSION vector')
    const reopened = await openStore({ location: database.url })
    expect(reopened.description.vectors).toEqual({
      isAvailable: true,
      by: expect.stringMatching(/^pgvector \d/),
    })
    await reopened.putVectors(world.scope, { items: [{ ...vector, id: next?.id ?? '' }] })
    const found = await reopened.searchPassageVectors(world.scope, query)
    expect(found.items).toEqual([{ item: next, similarity: 1 }])
    await reopened.close()
  })

  it('is given the extension by the program where that is allowed', async () => {
    await using database = await createTestDatabase()
    await Promise.all(
      [1, 2, 3].map(async () => await (await openStore({ location: database.url })).close()),
    )
    const rows = await queryRows(
      database.url,
      `SELECT atttypid::regtype::text AS type FROM pg_attribute
       WHERE attrelid = 'vectors'::regclass AND attname = 'embedding'`,
    )
    expect(rows).toEqual([{ type: 'vector' }])
  })
})

it.each([
  [null, null, 'the server has no pgvector. Install it there, run CREATE EXTENSION vector'],
  [null, '0.8.5', 'pgvector 0.8.5 is on the server, and this user may not create it. Let somebody'],
  ['0.8.5', '0.8.5', 'pgvector 0.8.5 cannot be used by this user. Put its schema into'],
])('what to do about vectors with pgvector %s, and %s to be had', (created, offered, remedy) => {
  expect(toVectorSupport({ isPlain: true, created, offered })).toEqual({
    isAvailable: false,
    remedy: expect.stringContaining(remedy),
  })
})

describePgvector('a large scope of vectors', () => {
  it('is searched by the index once all of it is there, and exactly before and when it is narrow', async () => {
    await using database = await createTestDatabase()
    const statements: string[] = []
    const hooks = { leaseClockOffset: 0, onStatement: (sql: string) => statements.push(sql) }
    const store = await openStore({ location: database.url, hooks })
    const world = new World(store)
    const agent = await world.agent()
    const texts = Array.from({ length: 150 }, (_, index) => `t${index}`)
    const passages = await world.remember(agent, ...texts)
    const items = passages.map(({ id }, index) => ({
      ...({ kind: 'passage', id, model: 'm' } as const),
      vector: [1, index],
    }))
    const usesIndex = async (from: number | null): Promise<boolean> => {
      statements.length = 0
      const found = await store.searchPassageVectors(world.scope, {
        ...({ agentId: agent.id, model: 'm', vector: [1, 0], limit: 5, exactUpTo: 100 } as const),
        ...({ tags: [], tagMatch: 'any', until: null, from } as const),
      })
      expect(found.items.map(({ item }) => item.id)).toEqual(
        passages.slice(0, 5).map(({ id }) => id),
      )
      return statements.some((sql) => sql.includes('hnsw.iterative_scan'))
    }
    await store.putVectors(world.scope, { items, exactUpTo: 1000 })
    expect(await usesIndex(null)).toBe(false)
    await store.putVectors(world.scope, { items: items.slice(0, 1), exactUpTo: 100 })
    expect(await usesIndex(null)).toBe(false)
    await store.putVectors(world.scope, { items: items.slice(0, 1), exactUpTo: 100 })
    expect(await usesIndex(null)).toBe(true)
    expect(await usesIndex(0)).toBe(false)
    await store.close()
    await expect.poll(() => indexScans(database.url)).toBe(1)
  })
})

/** How often the index of large scopes was read; the server counts when a connection has ended. */
async function indexScans(url: string): Promise<unknown> {
  const [row] = await queryRows(
    url,
    `SELECT idx_scan::int AS scans FROM pg_stat_user_indexes WHERE indexrelname = 'vectors_near_2'`,
  )
  return row?.['scans']
}
