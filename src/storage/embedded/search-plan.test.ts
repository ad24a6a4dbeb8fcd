import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { searchCandidates } from '../conformance/candidate-search.ts'
import { World } from '../conformance/world.ts'
import { migrations } from '../migrations/migrations.ts'
import { openStore } from '../open-store.ts'

test('a search that chooses candidates looks each up instead of reading the whole scope', async () => {
  const statements = new Set<string>()
  const onStatement = (sql: string): void => void statements.add(sql)
  const store = await openStore({ location: ':memory:', hooks: { onStatement } })
  await searchCandidates(store, () => statements.clear())
  await store.close()
  const plans = explain(statements).filter(({ sql }) => sql.includes('search_documents d'))
  expect(plans).toHaveLength(4)
  const readsScope = /tenant_scope=\?\)$|SCAN d\b/
  expect(plans.filter(({ plan }) => plan.some((line) => readsScope.test(line)))).toEqual([])
})

test('looking for texts without vectors goes through no other agents or scopes for each archive and owner', async () => {
  const statements = new Set<string>()
  const onStatement = (sql: string): void => void statements.add(sql)
  const store = await openStore({ location: ':memory:', hooks: { onStatement } })
  const world = new World(store)
  await world.remember(await world.agent({ embedding: 'p/one' }), 'heron')
  statements.clear()
  await store.listVectorProgress(world.scope)
  await store.close()
  const planOf = (part: string): string | undefined =>
    explain(statements)
      .find(({ sql }) => sql.includes(part))
      ?.plan.join('\n')
  const [owners, progress] = [planOf('agent_archives l'), planOf('vector_scopes v')]
  expect(owners).toMatch(/SEARCH l .*archive_id=\?.*\n.*SEARCH a .*tenant_id=\? AND id=\?/)
  expect(progress).toMatch(/SCAN json_each .*\n.*SEARCH s .*tenant_scope=\?/)
})

function explain(
  statements: Iterable<string>,
): readonly { readonly sql: string; readonly plan: readonly string[] }[] {
  using database = new DatabaseSync(':memory:')
  for (const { embedded } of migrations) database.exec(embedded)
  return [...statements].map((sql) => {
    const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
    return { sql, plan: rows.map(({ detail }) => String(detail)) }
  })
}
