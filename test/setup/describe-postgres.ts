import { beforeAll, describe, expect, it } from 'vitest'
import { hasOwnServer, hasPostgres, hasVectors, serverUrl } from './postgres-server.ts'

/** Starting the server is no test's own time; on a busy machine it takes long. */
const startTimeoutMs = 60_000

/** Describes what needs a PostgreSQL server; without one, a single skipped test says how to get it. */
export function describePostgres(name: string, body: () => void): void {
  const present = hasPostgres() ? body : describeAbsence
  describe(`${name}`, () => {
    if (hasPostgres()) beforeAll(serverUrl, startTimeoutMs)
    present()
  })
}

function describeAbsence(): void {
  it.runIf(false)('needs TEST_DATABASE_URL, or `node scripts/fetch-postgres.ts` once', () => {
    expect(hasPostgres()).toBe(true)
  })
}

/** Describes what needs a PostgreSQL server with pgvector; without either, a single skipped test says so. */
export function describePgvector(name: string, body: () => void): void {
  describePostgres(name, hasVectors() ? body : describeNoVectors)
}

function describeNoVectors(): void {
  it.runIf(false)('needs pgvector on the server of TEST_DATABASE_URL', () => {
    expect(hasVectors()).toBe(true)
  })
}

/** Describes what stops and starts a server; where the fetched one is not, a single skipped test says how to get it. */
export function describeOwnServer(name: string, body: () => void): void {
  const present = hasOwnServer() ? body : describeNoOwnServer
  describe(`${name}`, () => {
    present()
  })
}

function describeNoOwnServer(): void {
  it.runIf(false)('needs `node scripts/fetch-postgres.ts` once', () => {
    expect(hasOwnServer()).toBe(true)
  })
}
