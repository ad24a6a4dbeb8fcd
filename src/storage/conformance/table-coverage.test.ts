import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describePgvector } from '../../../test/setup/describe-postgres.ts'
import { queryRows } from '../../../test/setup/postgres-server.ts'
import { borrowDatabase } from '../../../test/setup/postgres-store.ts'
import { openPort } from '../copy/open-port.ts'
import { openStore } from '../open-store.ts'
import { addVector, createCanary, type Canary } from './canary.ts'
import { readTenant, type TableRows } from './tenant-rows.ts'
import { createTemporaryFolder } from './temporary-folder.ts'
import { World } from './world.ts'

/** Tables about the database itself: every database has its own, and a copy keeps the fact that says which it is. */
const ownTables = ['database_facts', 'migrations']

/** The embedded engine's full-text index and the list of its terms, which a copy computes anew from `search_documents`. */
const computedTables = ['search_index', 'search_vocabulary']

/** Rows that every new database has, and none of another tenant's. */
const presetTables = ['tenants', 'users']

/** Fills a database with a canary, lets `change` do something to it, and reads every table. */
async function fill(
  location: string,
  change: (canary: Canary) => Promise<void> = async () => undefined,
): Promise<{ readonly canary: Canary; readonly tables: readonly TableRows[] }> {
  const store = await openStore({ location, hooks: { leaseClockOffset: 0 } })
  const canary = await createCanary(new World(store))
  await addVector(canary)
  await change(canary)
  await store.close()
  const port = await openPort({ location, isTarget: false })
  const tables = await readTenant(port, canary.world.scope.tenantId)
  await port.close()
  return { canary, tables }
}

function namesOf(tables: readonly TableRows[]): string[] {
  return tables.map(({ table }) => table.name).toSorted()
}

function emptyOf(tables: readonly TableRows[]): string[] {
  return namesOf(tables.filter(({ rows }) => rows.length === 0))
}

/** The tables that name an agent that was deleted. */
function residueOf(tables: readonly TableRows[], agentId: string): string[] {
  return namesOf(tables.filter(({ rows }) => JSON.stringify(rows).includes(agentId.slice(-36))))
}

async function deleteEveryAgent({ world, agent, waiting, failed }: Canary): Promise<void> {
  for (const id of [agent.id, waiting.id, failed.agentId]) {
    await world.store.deleteAgent(world.scope, { id })
  }
}

/** What a new table has to satisfy on either engine; `list` names all tables that a database has. */
function describeCoverage(
  open: () => Promise<{ readonly location: string } & AsyncDisposable>,
  list: (location: string) => Promise<readonly string[]>,
): void {
  it('is copied, backed up and tried by the canary, which has a row in it', async () => {
    await using place = await open()
    const { tables } = await fill(place.location)
    expect([...namesOf(tables), ...ownTables].toSorted()).toEqual(
      (await list(place.location)).toSorted(),
    )
    expect(emptyOf(tables)).toEqual(presetTables)
  }, 30_000)

  it('forgets a deleted agent', async () => {
    await using place = await open()
    const { canary, tables } = await fill(place.location, deleteEveryAgent)
    const named = [canary.agent.id, canary.waiting.id, canary.failed.agentId].flatMap((id) =>
      residueOf(tables, id),
    )
    expect(named).toEqual([])
  }, 30_000)
}

describe('every table of the embedded engine', () => {
  describeCoverage(
    async () => {
      const folder = await createTemporaryFolder()
      return { location: folder.path, [Symbol.asyncDispose]: folder.remove }
    },
    async (location) => {
      using database = new DatabaseSync(join(location, 'letta.db'))
      const rows = database
        .prepare(
          `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual')`,
        )
        .all()
      const apart = new Set(['sqlite_schema', ...computedTables])
      return rows.map(({ name }) => String(name)).filter((name) => !apart.has(name))
    },
  )
})

describePgvector('every table of the engine on a server', () => {
  describeCoverage(
    async () => {
      const database = await borrowDatabase()
      return {
        location: database.url,
        [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
      }
    },
    async (location) => {
      const rows = await queryRows(
        location,
        `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'm', 'f')
           AND relnamespace = current_schema()::regnamespace`,
      )
      return rows.map(({ relname }) => String(relname))
    },
  )
})
