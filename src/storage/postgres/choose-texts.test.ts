import { expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import { execute } from '../../../test/setup/postgres-server.ts'
import { borrowDatabase } from '../../../test/setup/postgres-store.ts'
import { countedAgain, searchCommonTerms } from '../conformance/candidate-search.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'

describePostgres('the choice of candidates on PostgreSQL', () => {
  it('passes over terms that are known to be common, until something of their scope is removed', async () => {
    await using database = await borrowDatabase()
    const store = await openStore({ location: database.url, hooks: { leaseClockOffset: 0 } })
    const found = await searchCommonTerms(store, {
      add: async (tokens, count) =>
        await execute(
          database.url,
          `INSERT INTO search_documents
           SELECT (jsonb_populate_record(d, jsonb_build_object(
             'item_id', 'copy ' || n, 'place', d.place + 10 + n, 'sequence', d.sequence + 10 + n))).*
           FROM search_documents d, generate_series(1, ${count}) n WHERE d.tokens = '${tokens}'`,
        ),
      remove: async () =>
        await execute(database.url, `DELETE FROM search_documents WHERE item_id LIKE 'copy %'`),
    })
    expect(found).toEqual(countedAgain)
    await store.close()
  })

  it('reads its lists anew when a text was put back to where it stood before', async () => {
    await using database = await borrowDatabase()
    const store = await openStore({ location: database.url, hooks: { leaseClockOffset: 0 } })
    const world = new World(store)
    const agent = await world.agent()
    await world.say(agent, 'heron')
    await world.say(agent, 'egret')
    expect(await world.found(agent, 'heron')).toHaveLength(1)
    await execute(
      database.url,
      `INSERT INTO search_documents
       SELECT (jsonb_populate_record(d, '{"item_id": "copy", "place": 9, "sequence": 0}')).*
       FROM search_documents d WHERE d.tokens = 'heron';
       UPDATE search_scopes SET document_count = document_count + 1`,
    )
    expect(await world.found(agent, 'heron')).toHaveLength(2)
    await store.close()
  })
})
