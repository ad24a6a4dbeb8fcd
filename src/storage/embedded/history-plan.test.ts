import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { World } from '../conformance/world.ts'
import { migrations } from '../migrations/migrations.ts'
import { openStore } from '../open-store.ts'

test.each([
  ['of all it has', {}],
  ['of one item', { itemId: 'passage-1' }],
  ['of one run', { runId: 'run-1' }],
])('the history of an agent %s reads no change of others', async (_name, query) => {
  const statements = new Set<string>()
  const onStatement = (sql: string): void => void statements.add(sql)
  const store = await openStore({ location: ':memory:', hooks: { onStatement } })
  const world = new World(store)
  const { id: agentId } = await world.agent()
  statements.clear()
  await store.listMemoryChanges(world.scope, { agentId, ...query, limit: 10 })
  await store.close()
  using database = new DatabaseSync(':memory:')
  for (const { embedded } of migrations) database.exec(embedded)
  const [sql, ...others] = [...statements].filter((each) => each.includes('memory_changes c'))
  expect(others).toEqual([])
  const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
  const steps = plan.map(({ detail }) => String(detail))
  expect(steps.filter((step) => /\b(?:own|had|lost) USING/.test(step))).toHaveLength(4)
  expect(steps.filter((step) => step.endsWith('(tenant_id=?)'))).toEqual([])
})
