import { describe } from 'vitest'
import type { Store } from '../../src/storage/store.ts'
import { openMemoryStore } from '../../src/testing/open-memory-store.ts'
import { describePostgres } from './describe-postgres.ts'
import { openPostgresTestStore } from './postgres-store.ts'

/** Runs a suite twice: on stores in memory, and on databases of a PostgreSQL server. */
export function describeStores(name: string, suite: (open: () => Promise<Store>) => void): void {
  describe(`${name}, on SQLite`, () => {
    suite(() => openMemoryStore())
  })
  describePostgres(`${name}, on PostgreSQL`, () => {
    suite(openPostgresTestStore)
  })
}
