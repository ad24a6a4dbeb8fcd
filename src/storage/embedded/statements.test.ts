import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CanarySupply } from '../conformance/canary-supply.ts'
import { createCanary, type Canary } from '../conformance/canary.ts'
import type { Probe } from '../conformance/canary-probe.ts'
import { probes } from '../conformance/canary-probes.ts'
import { callAsOwner } from '../conformance/tenant-cases.ts'
import { World } from '../conformance/world.ts'
import { operationKinds } from '../operation-kinds.ts'
import { migrations } from '../migrations/migrations.ts'
import { openStore } from '../open-store.ts'
import type { Store, StoreOperation } from '../store.ts'

/** The operations that may cross tenants: the whole list. */
const systemOperations = [
  'findKey',
  'touchKey',
  'countActiveKeys',
  'claimJobs',
  'countJobs',
  'listOpenWork',
  'listStopRequests',
  'listTenants',
  'nextJobAt',
  'nextWakeAt',
]

const recorded: { readonly sql: string; readonly values: readonly unknown[] }[] = []
/** The statements that were planned, each with when, as the number of a statement. */
const plans = new Map<string, Set<number>>()
let current = { sql: '', number: 0 }
let store: Store
/** A tenant for all operations that only read. */
let shared: Canary
let supply: CanarySupply

beforeAll(async () => {
  const onPlan = (): void => {
    plans.set(current.sql, (plans.get(current.sql) ?? new Set()).add(current.number))
  }
  const onStatement = (sql: string, values: readonly unknown[]): void => {
    current = { sql, number: current.number + 1 }
    if (!/^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA)\b/.test(sql)) {
      recorded.push({ sql, values })
    }
  }
  store = await openStore({ location: ':memory:', hooks: { onStatement, onPlan } })
  plans.clear()
  shared = await createCanary(new World(store))
  supply = new CanarySupply(store)
})

afterAll(async () => {
  await store.close()
})

describe('the statements of an operation', () => {
  for (const name of Object.keys(probes) as StoreOperation[]) {
    const probe: Probe<StoreOperation> = probes[name]
    const crosses = probe.stranger === 'system'
    it(`of ${name}() ${crosses ? 'may cross tenants' : 'name the tenant, and bind it'}`, async () => {
      const isRead = operationKinds[name] === 'read'
      const call = async (canary: Canary): Promise<Canary> => {
        recorded.length = 0
        await callAsOwner(canary, name)
        return canary
      }
      const canary = await (isRead ? call(shared) : supply.attempt(call))
      expect(recorded.length).toBeGreaterThan(0)
      expect(crosses).toBe(systemOperations.includes(name))
      const allowed = isRead ? /^SELECT/ : /^[A-Z]/
      for (const { sql } of recorded) expect(sql.trim()).toMatch(allowed)
      if (crosses) return
      const { tenantId } = canary.world.scope
      for (const { sql, values } of recorded) {
        expect(sql).toMatch(/\btenant_(id|scope)\b/)
        const isBound = values.some(
          (value) => value === tenantId || /^s[0-9a-f]{32}$/.test(String(value)),
        )
        expect([sql, isBound]).toEqual([sql, true])
      }
    })
  }
})

describe('a statement', () => {
  it('is not planned anew because other values are bound to it', () => {
    expect(plans.size).toBeGreaterThan(100)
    // The first that returns what it changed makes SQLite open its place for temporary things, after which each such
    // statement is planned once more.
    const again = [...plans]
      .filter(([sql, times]) => times.size > 2 && !sql.startsWith('PRAGMA'))
      .map(([sql]) => sql)
    expect(again).toEqual([])
  })
})

function openSchema(): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  for (const { embedded } of migrations) database.exec(embedded)
  return database
}

describe('the schema', () => {
  it('begins every primary key of a tenant’s table with the tenant', () => {
    const database = openSchema()
    const tables = database
      .prepare(
        `SELECT list.name AS name, (
           SELECT info.name FROM pragma_table_info(list.name) info WHERE info.pk = 1) AS first
         FROM pragma_table_list list WHERE list.schema = 'main' AND list.type = 'table'
           AND list.name NOT LIKE 'sqlite_%'`,
      )
      .all()
    database.close()
    const others = tables.filter(({ first }) => first !== 'tenant_id').map(({ name }) => name)
    // The full-text index can only name its rows by one number.
    expect(new Set(others)).toEqual(new Set(['search_documents']))
    expect(tables.length).toBeGreaterThan(25)
  })

  it('begins every index with the tenant, but for those of the operations that cross tenants', () => {
    const database = openSchema()
    const indexes = database
      .prepare(
        `SELECT i.name AS name, (SELECT info.name FROM pragma_index_info(i.name) info
           WHERE info.seqno = 0) AS first
         FROM sqlite_schema i WHERE i.type = 'index' AND i.sql IS NOT NULL`,
      )
      .all()
    database.close()
    const others = indexes.filter(({ first }) => first !== 'tenant_id').map(({ name }) => name)
    expect(new Set(others)).toEqual(
      new Set([
        'access_keys_by_hash',
        'turns_open',
        'turns_to_stop',
        'turns_to_wake',
        'jobs_due_since',
        'jobs_running',
        'jobs_upcoming',
      ]),
    )
  })
})
