import { describe, expect, it } from 'vitest'
import { hasPostgres } from './postgres-server.ts'

/** Describes what needs a PostgreSQL server; without one, a single skipped test says how to get it. */
export function describePostgres(name: string, body: () => void): void {
  const present = hasPostgres() ? body : describeAbsence
  describe(`${name}`, () => {
    present()
  })
}

function describeAbsence(): void {
  it.runIf(false)('needs TEST_DATABASE_URL, or `node scripts/fetch-postgres.ts` once', () => {
    expect(hasPostgres()).toBe(true)
  })
}
