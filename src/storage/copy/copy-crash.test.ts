import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeOwnServer } from '../../../test/setup/describe-postgres.ts'
import { relationsWith } from '../../../test/setup/postgres-bytes.ts'
import { createTestDatabase } from '../../../test/setup/postgres-server.ts'
import { addVector, createCanary } from '../conformance/canary.ts'
import { createTemporaryFolder } from '../conformance/temporary-folder.ts'
import { World } from '../conformance/world.ts'
import { partialCopyFact } from '../engine/partial-copy.ts'
import { openStore } from '../open-store.ts'
import { copyDatabase } from './copy-database.ts'
import { compareTables, copyTables } from './copy-tables.ts'
import { openPort } from './open-port.ts'
import type { TablePort } from './table-port.ts'
import type { Ports } from './walk-rows.ts'

const killed = new Error('killed')

/** How many batches of rows are stored before a process dies; it also dies after each change of what a target is. */
const batchesOfALife = 8

/** A target whose process dies as soon as so much is stored; `died` are the marks after which one has died already. */
function dieSoon(target: TablePort, died: Set<string>): TablePort {
  let batches = 0
  const dieAfter = async (change: Promise<void>, isLast: () => boolean): Promise<void> => {
    await change
    if (isLast()) throw killed
  }
  const isEnough = (): boolean => (batches += 1) === batchesOfALife
  return {
    location: target.location,
    schemaVersion: target.schemaVersion,
    listTables: () => target.listTables(),
    countRows: (table) => target.countRows(table),
    readRows: (table, page) => target.readRows(table, page),
    readFact: (name) => target.readFact(name),
    writeRows: (table, rows) => dieAfter(target.writeRows(table, rows), isEnough),
    removeRows: (table, keys) => dieAfter(target.removeRows(table, keys), isEnough),
    mark: (change) => {
      const isNew = !died.has(`${change.name} ${change.value}`)
      died.add(`${change.name} ${change.value}`)
      return dieAfter(target.mark(change), () => isNew)
    },
    close: () => target.close(),
  }
}

/** Copies, dying and going on again and again; returns how often it died. */
async function copyDying({ source, target }: Ports): Promise<number> {
  const options = { batchSize: 20, purge: () => Promise.resolve() }
  const died = new Set<string>()
  for (let deaths = 0; ; deaths += 1) {
    try {
      await copyTables({ source, target: dieSoon(target, died) }, options)
      return deaths
    } catch (error) {
      if (error !== killed) throw error
    }
  }
}

async function onPorts<Result>(
  places: { readonly from: string; readonly to: string },
  work: (ports: Ports) => Promise<Result>,
): Promise<Result> {
  const source = await openPort({ location: places.from, isTarget: false })
  const target = await openPort({ location: places.to, isTarget: true })
  try {
    return await work({ source, target })
  } finally {
    await Promise.all([source.close(), target.close()])
  }
}

/** What holds a word in a database: files of a folder, relations of a server. */
async function holdersOf(location: string, word: string): Promise<readonly string[]> {
  if (location.includes('://')) return await relationsWith(location, [word])
  const entries = await readdir(location, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const contents = await Promise.all(
    files.map(async ({ parentPath, name }) => await readFile(join(parentPath, name), 'latin1')),
  )
  return files.map(({ name }) => name).filter((_, index) => contents[index]?.includes(word))
}

describeOwnServer('a copy that dies', () => {
  it('goes on and is whole in the end, in both directions', async () => {
    const [from, back] = await Promise.all([createTemporaryFolder(), createTemporaryFolder()])
    await using database = await createTestDatabase()
    const store = await openStore({ location: from.path, hooks: { leaseClockOffset: 0 } })
    await addVector(await createCanary(new World(store)))
    await store.close()
    const places = [from.path, database.url, back.path]
    for (const [index, source] of places.slice(0, -1).entries()) {
      const target = places[index + 1] ?? ''
      await onPorts({ from: source, to: target }, async (ports) => {
        const tables = await ports.target.listTables()
        expect(await copyDying(ports)).toBeGreaterThan(6)
        await expect(compareTables(ports, { batchSize: 20 })).resolves.toHaveLength(tables.length)
      })
      const again = await copyDatabase({ from: source, to: target })
      expect(again.tables.filter(({ copied }) => copied > 0)).toEqual([])
    }
    await Promise.all([from.remove(), back.remove()])
  }, 60_000)

  it('keeps no word that was forgotten in the source meanwhile, in both directions', async () => {
    const word = `zug${randomBytes(6).toString('hex')}x`
    const [from, back] = await Promise.all([createTemporaryFolder(), createTemporaryFolder()])
    await using database = await createTestDatabase()
    const first = await openStore({ location: from.path })
    const world = new World(first)
    const kept = await world.agent()
    const scope = world.scope
    await first.close()
    const places = [from.path, database.url, back.path]
    for (const [index, source] of places.slice(0, -1).entries()) {
      const target = places[index + 1] ?? ''
      const copy = { from: source, to: target }
      const forgotten = await withWorld(source, scope, async (on) => {
        await on.say(kept, `it was said ${index}`)
        const agent = await on.agent()
        await on.say(agent, word)
        await on.remember(agent, word)
        return agent
      })
      const half = copyDatabase({
        ...copy,
        onTable: ({ table }) => {
          if (table === 'search_documents') throw killed
        },
      })
      await expect(half).rejects.toBe(killed)
      expect(await holdersOf(target, word)).not.toEqual([])
      await withWorld(source, scope, async (on) => {
        await on.store.deleteAgent(scope, { id: forgotten.id })
        await on.say(kept, 'and it goes on')
      })
      // Dying between the removal and the cleaning, which the next call cannot see.
      const purge = (): Promise<void> => Promise.reject(killed)
      const removal = onPorts(copy, (ports) => copyTables(ports, { batchSize: 20, purge }))
      await expect(removal).rejects.toBe(killed)
      const { tables } = await copyDatabase(copy)
      expect(tables.find(({ table }) => table === 'messages')?.copied).toBe(1)
      expect(await holdersOf(target, word)).toEqual([])
      await withWorld(target, scope, async (on) => {
        expect(await on.found(kept, 'goes')).toHaveLength(index + 1)
      })
    }
    await Promise.all([from.remove(), back.remove()])
  }, 60_000)
})

describe('a copy of an earlier version', () => {
  it('that died between marking its target and emptying it goes on', async () => {
    const [from, to] = await Promise.all([createTemporaryFolder(), createTemporaryFolder()])
    for (const place of [from, to]) await (await openStore({ location: place.path })).close()
    const places = { from: from.path, to: to.path }
    await onPorts(places, async ({ source, target }) => {
      const value = await source.readFact('id')
      await target.mark({ name: partialCopyFact, value, emptied: [] })
    })
    const { tables } = await copyDatabase(places)
    expect(tables.find(({ table }) => table === 'users')).toMatchObject({ removed: 1, copied: 1 })
    await Promise.all([from.remove(), to.remove()])
  })
})

async function withWorld<Result>(
  location: string,
  scope: World['scope'],
  work: (world: World) => Promise<Result>,
): Promise<Result> {
  const store = await openStore({ location, hooks: { leaseClockOffset: 0 } })
  try {
    return await work(new World(store, scope))
  } finally {
    await store.close()
  }
}
