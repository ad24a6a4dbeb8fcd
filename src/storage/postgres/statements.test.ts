import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describePostgres } from '../../../test/setup/describe-postgres.ts'
import {
  createTestDatabase,
  hasVectors,
  queryRows,
  type TestDatabase,
} from '../../../test/setup/postgres-server.ts'
import { CanarySupply } from '../conformance/canary-supply.ts'
import { createCanary, type Canary } from '../conformance/canary.ts'
import type { Probe } from '../conformance/canary-probe.ts'
import { probes } from '../conformance/canary-probes.ts'
import { callAsOwner } from '../conformance/tenant-cases.ts'
import { World } from '../conformance/world.ts'
import { operationKinds } from '../operation-kinds.ts'
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

describePostgres('PostgreSQL as something to distribute', () => {
  const recorded: { readonly sql: string; readonly values: readonly unknown[] }[] = []
  let database: TestDatabase
  let store: Store
  let shared: Canary
  let supply: CanarySupply

  beforeAll(async () => {
    database = await createTestDatabase()
    const onStatement = (sql: string, values: readonly unknown[]): void => {
      if (!/^(BEGIN|COMMIT|ROLLBACK|SELECT pg_current_xact_id)\b/.test(sql)) {
        recorded.push({ sql, values })
      }
    }
    const hooks = { onStatement, leaseClockOffset: 0 }
    store = await openStore({ location: database.url, hooks })
    shared = await createCanary(new World(store))
    supply = new CanarySupply(store)
  })

  afterAll(async () => {
    await store.close()
    await database.remove()
  })

  describe('the statements of an operation', () => {
    for (const name of Object.keys(probes) as StoreOperation[]) {
      const probe: Probe<StoreOperation> = probes[name]
      const crosses = probe.stranger === 'system'
      const isPossible = hasVectors() || !name.includes('Vector')
      it.runIf(isPossible)(
        `of ${name}() ${crosses ? 'may cross tenants' : 'name the tenant, and bind it'}`,
        async () => {
          const isRead = operationKinds[name] === 'read'
          const call = async (canary: Canary): Promise<Canary> => {
            recorded.length = 0
            await callAsOwner(canary, name)
            return canary
          }
          const canary = await (isRead ? call(shared) : supply.attempt(call))
          expect(recorded.length).toBeGreaterThan(0)
          expect(crosses).toBe(systemOperations.includes(name))
          const allowed = isRead
            ? /^(SELECT|WITH hits|WITH scope|WITH required AS \(SELECT)/
            : /^[A-Z]/
          for (const { sql } of recorded) expect(sql.trim()).toMatch(allowed)
          if (crosses) return
          const { tenantId } = canary.world.scope
          for (const { sql, values } of recorded) {
            expect(sql).toMatch(/\btenant_id\b/)
            expect([sql, values.includes(tenantId)]).toEqual([sql, true])
          }
        },
      )
    }
  })

  it('begins every primary key of a tenant’s table with the tenant', async () => {
    const rows = await queryRows(
      database.url,
      `SELECT t.relname AS name, (
         SELECT a.attname FROM pg_index i
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
         WHERE i.indrelid = t.oid AND i.indisprimary) AS first
       FROM pg_class t WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace`,
    )
    const others = rows.filter(({ first }) => first !== 'tenant_id').map(({ name }) => name)
    expect(new Set(others)).toEqual(new Set(['migrations', 'database_facts']))
    expect(rows.length).toBeGreaterThan(25)
  })

  it('has each of its tables named where is said what becomes of it', async () => {
    const page = readFileSync(new URL('../../../docs/scale-out.md', import.meta.url), 'utf8')
    const kinds = page
      .split('\n')
      .filter((line) => /^\| (distributed|reference|local)\b/.test(line))
    const named = kinds.flatMap((line) => line.match(/(?<=`)\w+(?=`)/g) ?? [])
    const rows = await queryRows(
      database.url,
      `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    )
    const tables = named.filter((name) => name !== 'tenant_id')
    expect(tables.toSorted()).toEqual(rows.map(({ relname }) => String(relname)).toSorted())
  })

  it('begins every unique index with the tenant, but for the one that finds the tenant', async () => {
    const rows = await queryRows(
      database.url,
      `SELECT c.relname AS name, a.attname AS first FROM pg_index i
       JOIN pg_class c ON c.oid = i.indexrelid
       JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
       WHERE i.indisunique AND NOT i.indisprimary
         AND c.relnamespace = 'public'::regnamespace`,
    )
    const others = rows.filter(({ first }) => first !== 'tenant_id').map(({ name }) => name)
    expect(others).toEqual(['access_keys_by_hash'])
  })
})
