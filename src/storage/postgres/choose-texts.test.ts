import { expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import { execute } from '../../../test/setup/postgres-server.ts'
import { borrowDatabase } from '../../../test/setup/postgres-store.ts'
import { World } from '../conformance/world.ts'
import { countedUpTo, type Candidates } from '../contract/search-store.ts'
import { openStore } from '../open-store.ts'

/** So many copies of the one text that holds "grey heron" that its words are not counted to the end. */
const grow = `INSERT INTO search_documents
  SELECT (jsonb_populate_record(d, jsonb_build_object(
    'item_id', d.item_id || n, 'place', n, 'sequence', d.sequence + n))).*
  FROM search_documents d, generate_series(1, ${countedUpTo}) n WHERE d.tokens = 'grey heron'`

describePostgres('the choice of candidates on PostgreSQL', () => {
  it('passes over terms that are known to be common, until something of their scope is removed', async () => {
    await using database = await borrowDatabase()
    const sent: (readonly unknown[])[] = []
    const hooks = {
      leaseClockOffset: 0,
      onStatement: (sql: string, values: readonly unknown[]): void => {
        if (sql.includes('hits AS')) sent.push(values)
      },
    }
    const store = await openStore({ location: database.url, hooks })
    const world = new World(store)
    const agent = await world.agent()
    const [grey] = await world.remember(agent, 'grey heron')
    const [white] = await world.remember(agent, 'white heron')
    const search = async (...terms: string[]): Promise<Candidates> =>
      await store.searchPassages(world.scope, {
        agentId: agent.id,
        terms,
        tags: [],
        tagMatch: 'any',
        from: null,
        until: null,
        limit: 3,
      })
    const knownCommon = (): readonly unknown[] => (sent.at(-1)?.[1] ?? []) as readonly unknown[]

    await execute(database.url, grow)
    const first = await search('white', 'heron')
    expect(knownCommon()).toEqual([])
    expect(first.documents.map(({ id }) => id)).toEqual([white?.id])
    expect(first.asked).toEqual(['white'])
    expect(first.statistics.documentFrequency).toEqual({ white: 1, heron: countedUpTo })
    expect(await search('white', 'heron')).toEqual(first)
    expect(knownCommon()).toHaveLength(1)

    const commonOnly = await search('heron')
    expect(commonOnly.documents).toHaveLength(3)
    expect(commonOnly.asked).toEqual(['heron'])

    await execute(database.url, `DELETE FROM search_documents WHERE item_id LIKE '${grey?.id}_%'`)
    await store.deletePassage(world.scope, {
      archiveId: grey?.archiveId ?? '',
      id: grey?.id ?? '',
      at: world.at(),
    })
    const after = await search('white', 'heron')
    expect(after.asked).toEqual(['white', 'heron'])
    expect(after.statistics.documentFrequency).toEqual({ white: 1, heron: 1 })
    expect(after.documents.map(({ id }) => id)).toEqual([white?.id])
    await store.close()
  })
})
