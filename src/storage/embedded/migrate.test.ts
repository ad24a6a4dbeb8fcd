import { readdirSync, writeFileSync } from 'node:fs'
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

describe('a database from before texts had places', () => {
  it('counts them in each conversation, splits them after an hour and tells their day', () => {
    const old = new Connection(join(folder.path, 'old.db'))
    migrate(old, { backupFolder: null, now: 0, migrations: migrations.slice(0, 4) })
    const noon = Date.UTC(2023, 4, 8, 12)
    const texts: readonly (readonly [string, string | null, number])[] = [
      ['one', 'user', noon],
      ['two', 'assistant', noon + 1000],
      ['tool', 'tool', noon + 2000],
      ['three', 'user', noon + 2 * 3_600_000],
      ['passage', null, noon],
    ]
    for (const [text, role, at] of texts) {
      old.run(
        `INSERT INTO search_documents (tenant_id, item_id, tenant_scope, tokens, token_count, role,
           conversation_id, created_at) VALUES ('t', ?, ?, ?, 1, ?, ?, ?)`,
        text,
        role === null ? 'spassages00000' : 'smessages00000',
        text,
        role,
        role === null ? null : 'c',
        at,
      )
      old.run(
        `INSERT INTO search_index (rowid, tenant_scope, tokens)
         SELECT document, tenant_scope, tokens FROM search_documents WHERE item_id = ?`,
        text,
      )
    }
    migrate(old, { backupFolder: null, now: 0 })
    const list = 'item_id, thread, place, session, dates, word_count'
    expect(old.all(`SELECT ${list} FROM search_documents ORDER BY document`)).toEqual([
      ['one', 'c', 0, 0, 'monday 8 may 2023', 2],
      ['two', 'c', 1, 0, 'monday 8 may 2023', 2],
      ['tool', 'c', null, null, 'monday 8 may 2023', 2],
      ['three', 'c', 2, 2, 'monday 8 may 2023', 2],
      ['passage', '', 0, 0, 'monday 8 may 2023', 2],
    ])
    expect(old.all(`SELECT thread, place, session, said_at FROM search_threads`)).toEqual([
      ['', 0, 0, noon],
      ['c', 2, 2, noon + 2 * 3_600_000],
    ])
    const found = old.all(
      `SELECT rowid FROM search_index WHERE search_index MATCH '"smessages0000_two"'`,
    )
    expect(found).toHaveLength(1)
    old.exec(`INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)`)
    old.close()
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

  it('leaves one copy when two processes migrate at once', () => {
    const list = [...migrations, next]
    const backupFolder = join(folder.path, 'backups')
    const faster = new Connection(join(folder.path, 'letta.db'))
    const slower = new Connection(join(folder.path, 'letta.db'), {
      onStatement: (sql) => {
        if (!sql.startsWith('VACUUM INTO')) return
        migrate(faster, { backupFolder, now: 0, migrations: list })
      },
    })
    const { migration, schemaVersion } = migrate(slower, { backupFolder, now: 1, migrations: list })
    expect({ migration, schemaVersion }).toEqual({ migration: null, schemaVersion: next.number })
    expect(readdirSync(backupFolder)).toHaveLength(1)
    faster.close()
    slower.close()
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
    expect(readdirSync(join(folder.path, 'backups'))).toEqual([])
  })

  it('leaves no part of a copy for which the disk has no room', () => {
    const backupFolder = join(folder.path, 'backups')
    const full = new Connection(join(folder.path, 'letta.db'), {
      onStatement: (sql, [file]) => {
        if (!sql.startsWith('VACUUM INTO')) return
        writeFileSync(String(file), 'a part')
        throw new Error('database or disk is full')
      },
    })
    const list = [...migrations, next]
    expect(() => migrate(full, { backupFolder, now: 0, migrations: list })).toThrow('full')
    expect(readdirSync(backupFolder)).toEqual([])
    full.close()
  })

  it('gives a copy its name when it is whole', () => {
    const names: string[] = []
    const backupFolder = join(folder.path, 'backups')
    const watched = new Connection(join(folder.path, 'letta.db'), {
      onStatement: (sql) => {
        if (sql.startsWith('VACUUM INTO')) names.push(...readdirSync(backupFolder))
      },
    })
    migrate(watched, { backupFolder, now: 0, migrations: [...migrations, next] })
    expect(names.filter((name) => name.endsWith('.db'))).toEqual([])
    expect(readdirSync(backupFolder)).toEqual([expect.stringMatching(/\.db$/)])
    watched.close()
  })

  it('makes a copy in which search still finds what it should', async () => {
    run([...migrations, next])
    const [copy = ''] = readdirSync(join(folder.path, 'backups'))
    const restored = new Connection(join(folder.path, 'backups', copy))
    restored.exec(`INSERT INTO search_index (search_index) VALUES ('integrity-check')`)
    const found = restored.all(
      `SELECT doc FROM search_vocabulary WHERE term LIKE '%\\_migration' ESCAPE '\\'`,
    )
    restored.close()
    expect(found).toHaveLength(1)
  })
})
