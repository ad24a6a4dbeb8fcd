import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTemporaryFolder, type TemporaryFolder } from '../conformance/temporary-folder.ts'
import { World } from '../conformance/world.ts'
import type { Migration } from '../migrations/migration.ts'
import { migrations } from '../migrations/migrations.ts'
import { openStore } from '../open-store.ts'
import { Connection } from './connection.ts'
import { migrate } from './migrate.ts'

const next: Migration = {
  number: migrations.length + 1,
  name: 'mood',
  embedded: `ALTER TABLE agents ADD COLUMN mood TEXT; UPDATE agents SET mood = 'calm'`,
}

let folder: TemporaryFolder
let connection: Connection
let world: World

beforeEach(async () => {
  folder = await createTemporaryFolder()
  const store = await openStore({ location: folder.path })
  world = new World(store)
  await world.exchange(await world.agent(), 'before the migration')
  await store.close()
  connection = new Connection(join(folder.path, 'letta.db'))
})

afterEach(async () => {
  connection.close()
  await folder.remove()
})

function run(list: readonly Migration[]): ReturnType<typeof migrate> {
  const backupFolder = join(folder.path, 'backups')
  return migrate(connection, { backupFolder, now: 0, migrations: list })
}

describe('migrations', () => {
  it('are numbered from 1 without gaps', () => {
    expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1))
  })
})

describe('migrate()', () => {
  it('changes a populated database and keeps a copy from before', async () => {
    expect(run([...migrations, next]).schemaVersion).toBe(next.number)
    expect(connection.all('SELECT mood FROM agents')).toEqual([['calm']])
    const [copy = ''] = readdirSync(join(folder.path, 'backups'))
    const restored = new Connection(join(folder.path, 'backups', copy))
    expect(restored.get('SELECT max(number) FROM migrations')).toEqual([migrations.length])
    expect(restored.get('SELECT count(*) FROM messages')).toEqual([3])
    restored.close()
  })

  it('runs each migration once', () => {
    run([...migrations, next])
    expect(run([...migrations, next]).schemaVersion).toBe(next.number)
    expect(readdirSync(join(folder.path, 'backups'))).toHaveLength(1)
    expect(connection.get('SELECT count(*) FROM migrations')).toEqual([next.number])
  })

  it('does not take over the database of another program', () => {
    const other = new Connection(':memory:')
    other.exec('CREATE TABLE recipes (name TEXT)')
    expect(() => migrate(other, { backupFolder: null, now: 0 })).toThrow(
      expect.objectContaining({
        code: 'storage_corrupt',
        message: expect.stringContaining('recipes'),
      }),
    )
    other.close()
  })

  it('leaves the database as it was when a migration fails', () => {
    const broken = { ...next, embedded: `${next.embedded}; SELECT nonsense` }
    expect(() => run([...migrations, broken])).toThrow('nonsense')
    expect(connection.isTransaction).toBe(false)
    expect(run(migrations).schemaVersion).toBe(migrations.length)
    expect(() => connection.all('SELECT mood FROM agents')).toThrow('mood')
  })

  it('makes a copy in which search still finds what it should', async () => {
    run([...migrations, next])
    const [copy = ''] = readdirSync(join(folder.path, 'backups'))
    const restored = new Connection(join(folder.path, 'backups', copy))
    restored.exec(`INSERT INTO search_index (search_index) VALUES ('integrity-check')`)
    const found = restored.all(
      `SELECT rowid FROM search_index WHERE search_index MATCH 'migration'`,
    )
    restored.close()
    expect(found).toHaveLength(1)
  })
})
