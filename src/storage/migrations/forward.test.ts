import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { describePgvector } from '../../../test/setup/describe-postgres.ts'
import { createTestDatabase, queryRows } from '../../../test/setup/postgres-server.ts'
import type { Agent } from '../../domain/agent.ts'
import type { TenantScope } from '../../domain/scope.ts'
import { dump } from '../conformance/canary.ts'
import { createTemporaryFolder } from '../conformance/temporary-folder.ts'
import { readTenant, type TableRows } from '../conformance/tenant-rows.ts'
import { World } from '../conformance/world.ts'
import { openPort } from '../copy/open-port.ts'
import { PostgresPort } from '../copy/postgres-port.ts'
import { SqlitePort } from '../copy/sqlite-port.ts'
import type { TablePort } from '../copy/table-port.ts'
import { Connection } from '../embedded/connection.ts'
import { migrate as migrateEmbedded } from '../embedded/migrate.ts'
import { openStore } from '../open-store.ts'
import { migrate as migratePostgres } from '../postgres/migrate.ts'
import type { Store } from '../store.ts'
import { migrations } from './migrations.ts'

const folder = fileURLToPath(new URL('../../../test/fixtures/migrations/', import.meta.url))

/** A tenant as a program of that version stored it: `scripts/record-migration-fixture.ts` writes the files. */
interface Fixture {
  readonly version: number
  readonly scope: TenantScope
  readonly tables: readonly TableRows[]
}

/** Enough for the first test of a run, which starts the server, on a machine that does much else. */
const slowMs = 30_000

const versions = migrations.map(({ number }) => number)

function readFixture(version: number): Fixture {
  return JSON.parse(readFileSync(join(folder, `version-${version}.json`), 'utf8')) as Fixture
}

/** A database of an old version with the rows of its time. */
interface OldDatabase extends AsyncDisposable {
  readonly location: string
}

/** Makes an {@link OldDatabase} of one engine. */
type CreateOld = (fixture: Fixture) => Promise<OldDatabase>

async function load(port: TablePort, { tables }: Fixture): Promise<void> {
  for (const { table, rows } of tables) await port.writeRows(table, rows)
  await port.close()
}

async function createSqlite(fixture: Fixture): Promise<OldDatabase> {
  const { path, remove } = await createTemporaryFolder()
  const connection = new Connection(join(path, 'letta.db'))
  const list = migrations.slice(0, fixture.version)
  migrateEmbedded(connection, { backupFolder: null, now: 0, migrations: list })
  const facts = { location: path, schemaVersion: fixture.version, release: () => undefined }
  await load(new SqlitePort({ connection, ...facts }), fixture)
  return { location: path, [Symbol.asyncDispose]: remove }
}

async function createOnServer(fixture: Fixture): Promise<OldDatabase> {
  const database = await createTestDatabase()
  const client = new pg.Client({ connectionString: database.url, pipeline: true })
  await client.connect()
  const { version } = fixture
  const list = migrations.slice(0, version)
  await migratePostgres(client, { location: database.url, now: 0, migrations: list })
  await load(new PostgresPort(client, { location: database.url, schemaVersion: version }), fixture)
  return { location: database.url, [Symbol.asyncDispose]: database.remove }
}

/** The rows that the program reads now, with only the tables and columns that the old version had. */
async function readAsBefore(location: string, fixture: Fixture): Promise<readonly TableRows[]> {
  const port = await openPort({ location, isTarget: false })
  const now = await readTenant(port, fixture.scope.tenantId)
  await port.close()
  return fixture.tables.map(({ table }) => {
    const found = now.find((other) => other.table.name === table.name)
    const places = table.columns.map((column) => found?.table.columns.indexOf(column) ?? -1)
    const rows = (found?.rows ?? []).map((row) => places.map((place) => row[place] ?? null))
    return { table, rows }
  })
}

/** Everything the store says of a tenant, by one hash, and what one can still do with it. */
async function useTenant(store: Store, { scope, version }: Fixture): Promise<string> {
  const world = Object.assign(new World(store), { scope })
  const read = await dump({ world } as Parameters<typeof dump>[0])
  const agent = await findCanary(world)
  expect(await world.found(agent, 'canary')).not.toEqual([])
  const query = { agentId: agent.id, model: 'canary', vector: [0, 3, 1], limit: 9 } as const
  const filter = { tags: ['canary'], tagMatch: 'any', from: null, until: null } as const
  const { items } = await store.searchPassageVectors(scope, { ...query, ...filter })
  const expected = version > 1 ? ['1.000'] : []
  expect(items.map(({ similarity }) => similarity.toFixed(3))).toEqual(expected)
  const conversation = await world.conversation(agent)
  await world.say(agent, 'a thrush sings', { conversationId: conversation.id })
  await world.begin(await world.claim(conversation.id))
  expect(await world.found(agent, 'thrush')).toHaveLength(1)
  return read
}

async function findCanary({ store, scope }: World): Promise<Agent> {
  const [agent] = await store.listAgents(scope, {
    filter: { name: 'canary' },
    page: { limit: 1, order: 'asc', orderBy: 'createdAt' },
  })
  if (agent === undefined) throw new Error('The fixture has no agent')
  return agent
}

/** What every engine does with the databases of every version. */
function describeForward(create: CreateOld): void {
  it.each(versions)(
    'of version %i keeps every row, is read as before and used on',
    async (version) => {
      const fixture = readFixture(version)
      await using database = await create(fixture)
      const store = await openStore({
        location: database.location,
        hooks: { leaseClockOffset: 0 },
      })
      const { schemaVersion, migration } = store.description
      expect(schemaVersion).toBe(versions.length)
      expect(migration?.from).toBe(version === versions.length ? undefined : version)
      expect(await readAsBefore(database.location, fixture)).toEqual(fixture.tables)
      await useTenant(store, fixture)
      await store.close()
    },
    slowMs,
  )
}

describe('the fixtures', () => {
  it('hold rows of every table of every version', () => {
    expect(
      readdirSync(folder).toSorted(),
      'Run scripts/record-migration-fixture.ts once for a new migration.',
    ).toEqual(versions.map((version) => `version-${version}.json`).toSorted())
    for (const version of versions) {
      const fixture = readFixture(version)
      expect(fixture.version).toBe(version)
      const empty = fixture.tables.filter(({ rows }) => rows.length === 0)
      expect(empty.map(({ table }) => table.name)).toEqual(['tenants', 'users'])
    }
  })
})

describe('a populated database of the embedded engine', () => {
  describeForward(createSqlite)

  it('is copied before it changes, and the copy is whole', async () => {
    const fixture = readFixture(1)
    await using database = await createSqlite(fixture)
    const store = await openStore({ location: database.location })
    const { migration } = store.description
    await store.close()
    const copy = new Connection(migration?.snapshot ?? '')
    expect(copy.get('SELECT max(number) FROM migrations')).toEqual([1])
    const messages = fixture.tables.find(({ table }) => table.name === 'messages')
    expect(copy.get('SELECT count(*) FROM messages')).toEqual([messages?.rows.length])
    copy.close()
  })

  it(
    'is migrated once by several who open it at the same time',
    async () => {
      const fixture = readFixture(1)
      await using database = await createSqlite(fixture)
      const location = database.location
      const stores = await Promise.all([1, 2].map(() => openStore({ location, host: 'worker' })))
      expect(stores.filter(({ description }) => description.migration !== null)).toHaveLength(1)
      await Promise.all(stores.map((store) => store.close()))
      expect(await readAsBefore(location, fixture)).toEqual(fixture.tables)
    },
    slowMs,
  )
})

describePgvector('a populated database on a server', () => {
  describeForward(createOnServer)

  it(
    'is migrated once by several who open it at the same time',
    async () => {
      const fixture = readFixture(1)
      await using database = await createOnServer(fixture)
      const location = database.location
      const stores = await Promise.all([1, 2, 3].map(() => openStore({ location })))
      expect(stores.filter(({ description }) => description.migration !== null)).toHaveLength(1)
      await Promise.all(stores.map((store) => store.close()))
      expect(await readAsBefore(location, fixture)).toEqual(fixture.tables)
      const rows = await queryRows(location, 'SELECT number::int FROM migrations ORDER BY number')
      expect(rows.map(({ number }) => number)).toEqual(versions)
    },
    slowMs,
  )

  it(
    'reads the same as on the embedded engine',
    async () => {
      const fixture = readFixture(1)
      await using one = await createSqlite(fixture)
      await using other = await createOnServer(fixture)
      const read = async (location: string): Promise<string> => {
        const store = await openStore({ location, hooks: { leaseClockOffset: 0 } })
        const result = await useTenant(store, fixture)
        await store.close()
        return result
      }
      expect(await read(other.location)).toBe(await read(one.location))
    },
    slowMs,
  )
})
