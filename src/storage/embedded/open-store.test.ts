import { existsSync } from 'node:fs'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectRefused } from '../conformance/conformance-case.ts'
import { createTemporaryFolder, type TemporaryFolder } from '../conformance/temporary-folder.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'
import { lockProcess } from './process-lock.ts'

const hosts = ['inline', 'worker'] as const

let folder: TemporaryFolder

beforeEach(async () => {
  folder = await createTemporaryFolder()
})

afterEach(async () => {
  await folder.remove()
})

/** The files of processes that have the folder open. */
async function registered(): Promise<readonly string[]> {
  return await readdir(join(folder.path, 'processes'))
}

describe.each(hosts)('openStore() with the %s host', (host) => {
  it('makes the folder for its owner alone, and finds everything again', async () => {
    const location = join(folder.path, 'new', 'home')
    const first = await openStore({ location, host })
    expect((await stat(location)).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o700)
    const isPrivate = process.platform === 'win32' ? 0o666 : 0o600
    expect((await stat(join(location, 'letta.db-wal'))).mode & 0o777).toBe(isPrivate)
    const world = new World(first)
    const block = await world.block()
    await first.close()
    const second = await openStore({ location, host })
    expect(await second.getBlock(world.scope, { id: block.id })).toEqual(block)
    expect(second.description).toMatchObject({
      engine: 'sqlite',
      vectors: { isAvailable: true, by: 'built in' },
      location,
      databaseId: first.description.databaseId,
    })
    expect(second.description.owner).not.toBe(first.description.owner)
    await second.close()
  })

  it('refuses a database that is newer than the program', async () => {
    await (await openStore({ location: folder.path })).close()
    edit(`INSERT INTO migrations (number, name, applied_at) VALUES (999, 'future', 0)`)
    await expectRefused(openStore({ location: folder.path, host }), 'storage_newer')
    expect(await registered()).toEqual([])
  })

  it('refuses a file that is no database, or a damaged one', async () => {
    const file = join(folder.path, 'letta.db')
    await writeFile(
      file,
      'This is not a database, and it is long enough to be looked at. '.padEnd(4096, '.'),
    )
    await expectRefused(openStore({ location: folder.path, host }), 'storage_corrupt')
    expect(await registered()).toEqual([])
  })

  it('refuses a folder that is a file, or lies in one', async () => {
    const file = join(folder.path, 'file')
    await writeFile(file, '')
    await expectRefused(openStore({ location: file, host }), 'home_unusable')
    await expectRefused(openStore({ location: join(file, 'home'), host }), 'home_unusable')
  })

  it('refuses every operation after it was closed, and closes twice', async () => {
    const store = await openStore({ location: folder.path, host })
    const world = new World(store)
    const pending = world.block()
    const closing = store.close()
    await store.close()
    await closing
    expect((await pending).version).toBe(1)
    await expectRefused(world.block(), 'storage_closed')
    await expectRefused(store.listKeys(world.scope), 'storage_closed')
    expect(await registered()).toEqual([])
  })

  it('gives up waiting for a lock at its deadline, and reads meanwhile', async () => {
    const store = await openStore({ location: folder.path, host, busyDeadlineMs: 30 })
    const world = new World(store)
    const block = await world.block()
    const other = new DatabaseSync(join(folder.path, 'letta.db'))
    other.exec('BEGIN IMMEDIATE')
    await expectRefused(world.block(), 'storage_busy')
    expect(await store.getBlock(world.scope, { id: block.id })).toEqual(block)
    other.exec('ROLLBACK')
    other.close()
    expect((await world.block()).version).toBe(1)
    await store.close()
  })

  it('waits for a lock that is given back in time', async () => {
    const store = await openStore({ location: folder.path, host })
    const world = new World(store)
    const other = new DatabaseSync(join(folder.path, 'letta.db'))
    other.exec('BEGIN IMMEDIATE')
    const waiting = world.block()
    setTimeout(() => other.exec('COMMIT'), 20)
    expect((await waiting).version).toBe(1)
    other.close()
    await store.close()
  })

  it('tells watchers of commits by others, and no longer when they have gone', async () => {
    const store = await openStore({ location: folder.path, host })
    const other = await openStore({ location: folder.path })
    const world = new World(other)
    const told = Promise.withResolvers<void>()
    const end = store.watch(() => told.resolve())
    await world.block()
    await expect(told.promise).resolves.toBeUndefined()
    end()
    await store.close()
    await other.close()
  })

  it('tells watchers nothing of what is only read', async () => {
    const store = await openStore({ location: folder.path, host })
    const world = new World(store)
    const { id } = await world.block()
    const told: unknown[] = []
    store.watch((news) => told.push(news))
    await store.getBlock(world.scope, { id })
    expect(told).toEqual([])
    await store.close()
  })

  it('tells watchers of a commit by others that is followed at once by an own one', async () => {
    const store = await openStore({ location: folder.path, host })
    const other = await openStore({ location: folder.path })
    const [world, otherWorld] = [new World(store), new World(other)]
    await world.block()
    const told = Promise.withResolvers<void>()
    store.watch((news) => {
      if (news.work) told.resolve()
    })
    await otherWorld.block()
    await world.block()
    await expect(told.promise).resolves.toBeUndefined()
    await store.close()
    await other.close()
  })

  it('knows whether the owner of a lease lives, and removes the file of a dead one', async () => {
    const store = await openStore({ location: folder.path, host })
    const lock = lockProcess(join(folder.path, 'processes'))
    expect(await store.ownerState(lock.owner)).toBe('alive')
    lock.release()
    expect(await store.ownerState(lock.owner)).toBe('dead')
    const stale = `process-${crypto.randomUUID()}`
    const file = join(folder.path, 'processes', `${stale}.lock`)
    await writeFile(file, '')
    expect(await store.ownerState(stale)).toBe('dead')
    expect(existsSync(file)).toBe(false)
    expect(await store.ownerState('somebody')).toBe('unknown')
    await store.close()
  })

  it('lets two open a new folder at once', async () => {
    const opened = await Promise.all([1, 2].map(() => openStore({ location: folder.path, host })))
    const worlds = opened.map((store) => new World(store))
    const blocks = await Promise.all(worlds.map((world) => world.block()))
    expect(new Set(blocks.map(({ id }) => id)).size).toBe(2)
    expect(new Set(opened.map(({ description }) => description.databaseId)).size).toBe(1)
    await Promise.all(opened.map((store) => store.close()))
  })
})

describe('openStore() while another process makes the same new file', () => {
  it('waits until it has done so', async () => {
    const other = new DatabaseSync(join(folder.path, 'letta.db'))
    other.exec('PRAGMA user_version = 0; BEGIN IMMEDIATE')
    let attempts = 0
    const onStatement = (sql: string): void => {
      if (sql.includes('journal_mode') && (attempts += 1) === 2) other.exec('COMMIT')
    }
    const opening = openStore({ location: folder.path, hooks: { onStatement } })
    const store = await opening.finally(() => other.close())
    expect(attempts).toBeGreaterThan(1)
    await store.close()
  })
})

describe('openStore() where nothing can be written', () => {
  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'refuses a folder that is read-only',
    async () => {
      const location = join(folder.path, 'locked')
      await mkdir(location, { mode: 0o500 })
      await expectRefused(openStore({ location }), 'storage_read_only')
    },
  )
})

function edit(sql: string): void {
  const database = new DatabaseSync(join(folder.path, 'letta.db'))
  database.exec(sql)
  database.close()
}
