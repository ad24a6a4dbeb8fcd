import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { describePgvector } from '../../../test/setup/describe-postgres.ts'
import { createTestDatabase, execute, queryRows } from '../../../test/setup/postgres-server.ts'
import { addVector, createCanary, dump } from '../conformance/canary.ts'
import { expectRefused } from '../conformance/conformance-case.ts'
import { digestTenant } from '../conformance/tenant-rows.ts'
import { createTemporaryFolder } from '../conformance/temporary-folder.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'
import type { Store } from '../store.ts'
import { copyDatabase } from './copy-database.ts'

const hooks = { leaseClockOffset: 0 }

async function onStore<Result>(
  location: string,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  const store = await openStore({ location, hooks })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Everything that can be read of a canary, from another store that holds a copy of it. */
async function dumpFrom(location: string, canary: Awaited<ReturnType<typeof createCanary>>) {
  return await onStore(location, async (store) => {
    const world = Object.assign(Object.create(canary.world), { store }) as World
    const found = await store.searchMessages(canary.world.scope, {
      agentId: canary.agent.id,
      terms: ['canary'],
      roles: ['user', 'assistant'],
      from: null,
      until: null,
      excludeIds: [],
      limit: 99,
    })
    const near = await store.searchPassageVectors(canary.world.scope, {
      archiveId: canary.archive.id,
      model: 'canary',
      vector: [3, 1, 2],
      tags: [],
      tagMatch: 'any',
      from: null,
      until: null,
      limit: 9,
    })
    return {
      near: near.items.map(({ item, similarity }) => [item.id, similarity.toFixed(5)]),
      dump: await dump({ ...canary, world }),
      found: found.documents.map((document) => ({ ...document, sequence: 0 })),
      id: store.description.databaseId,
    }
  })
}

async function createWithVector(store: Store): ReturnType<typeof createCanary> {
  const canary = await createCanary(new World(store))
  await addVector(canary)
  return canary
}

/** Copies in a process of its own, which is killed as soon as `lastTable` has arrived. */
async function copyUntilKilled(from: string, to: string, lastTable: string): Promise<void> {
  const program = fileURLToPath(new URL('./copy-process.ts', import.meta.url))
  const child = spawn(process.execPath, [program, from, to])
  const exited = once(child, 'exit')
  for await (const line of createInterface(child.stdout)) {
    if (line === lastTable) child.kill('SIGKILL')
  }
  expect(await exited).toEqual([null, 'SIGKILL'])
}

describe('copyDatabase()', () => {
  it('refuses a source that is not there, and makes nothing in its place', async () => {
    const folder = await createTemporaryFolder()
    const from = `${folder.path}-none`
    await expectRefused(copyDatabase({ from, to: folder.path }), 'not_found')
    expect(existsSync(from)).toBe(false)
    await folder.remove()
  })

  it('refuses to copy a database to itself', async () => {
    const folder = await createTemporaryFolder()
    const itself = { from: folder.path, to: folder.path }
    await expectRefused(copyDatabase(itself), 'configuration_invalid')
    await folder.remove()
  })

  it('refuses a target that is not empty, and one that another process has open', async () => {
    const [from, to] = await Promise.all([createTemporaryFolder(), createTemporaryFolder()])
    await onStore(from.path, async (store) => new World(store).agent())
    await onStore(to.path, async (store) => new World(store).agent())
    await expectRefused(copyDatabase({ from: from.path, to: to.path }), 'conflict')
    await onStore(to.path, async () => {
      await expectRefused(copyDatabase({ from: from.path, to: to.path }), 'storage_busy')
    })
    await Promise.all([from.remove(), to.remove()])
  })
})

describe('a copy on the embedded engine', () => {
  it('shows equals in the order they were said in, as the original does', async () => {
    const [from, to] = await Promise.all([createTemporaryFolder(), createTemporaryFolder()])
    const read = async (store: Store, world: World, agentId: string): Promise<string[]> => {
      const query = { agentId, from: null, until: null, excludeIds: [], limit: 5 } as const
      const found = await store.searchMessages(world.scope, {
        ...query,
        terms: ['heron'],
        roles: ['user'],
      })
      return found.documents.map(({ id }) => id)
    }
    const { world, agent, original } = await onStore(from.path, async (store) => {
      const said = new World(store)
      const who = await said.agent()
      for (let count = 0; count < 12; count += 1) {
        const input = said.input(who, 'heron')
        const messages = input.messages.map(({ message, entry }) => ({
          entry,
          message: { ...message, id: `message-${99 - count}`, createdAt: 1 },
        }))
        await store.acceptInput(said.scope, { ...input, messages })
      }
      return { world: said, agent: who, original: await read(store, said, who.id) }
    })
    await copyDatabase({ from: from.path, to: to.path, batchSize: 5 })
    const copied = await onStore(to.path, (store) => read(store, world, agent.id))
    expect(original.length).toBeGreaterThanOrEqual(5)
    expect(copied).toEqual(original)
    await Promise.all([from.remove(), to.remove()])
  })
})

describePgvector('copyDatabase() between the engines', () => {
  it('moves everything there and back again, search included', async () => {
    const [from, back] = await Promise.all([createTemporaryFolder(), createTemporaryFolder()])
    await using database = await createTestDatabase()
    const canary = await onStore(from.path, createWithVector)
    const original = await dumpFrom(from.path, canary)
    const there = await copyDatabase({ from: from.path, to: database.url, batchSize: 3 })
    expect(original.near).toEqual([[canary.passage.id, '0.42258']])
    expect(await dumpFrom(database.url, canary)).toEqual(original)
    const again = await copyDatabase({ from: database.url, to: back.path, batchSize: 3 })
    expect(await dumpFrom(back.path, canary)).toEqual(original)
    expect(again.tables).toEqual(there.tables)
    expect(there.tables.filter(({ rows }) => rows === 0)).toEqual([])
    await onStore(back.path, async (store) => {
      const world = new World(store)
      const agent = await world.agent()
      await world.say(agent, 'and it goes on')
      expect(await world.found(agent, 'goes')).toHaveLength(1)
    })
    await Promise.all([from.remove(), back.remove()])
  })

  it('goes on where it was interrupted, and finds nothing to do in the end', async () => {
    const from = await createTemporaryFolder()
    await using database = await createTestDatabase()
    await onStore(from.path, async (store) => createCanary(new World(store)))
    const interrupted = copyDatabase({
      from: from.path,
      to: database.url,
      batchSize: 2,
      onTable: ({ table }) => {
        if (table === 'inbox') throw new Error('interrupted')
      },
    })
    await expect(interrupted).rejects.toThrow('interrupted')
    await expectRefused(openStore({ location: database.url }), 'storage_partial_copy')
    const report = await copyDatabase({ from: from.path, to: database.url })
    expect(report.tables.find(({ table }) => table === 'blocks')).toMatchObject({ copied: 0 })
    expect(report.tables.find(({ table }) => table === 'turns')?.copied).toBeGreaterThan(0)
    expect(await queryRows(database.url, 'SELECT name FROM database_facts')).toEqual([
      { name: 'id' },
    ])
    const again = await copyDatabase({ from: from.path, to: database.url })
    expect(again.tables.filter(({ copied }) => copied > 0)).toEqual([])
    await from.remove()
  })

  it('goes on after kill -9, in either direction', async () => {
    const [from, back] = await Promise.all([createTemporaryFolder(), createTemporaryFolder()])
    await using database = await createTestDatabase()
    const { world } = await onStore(from.path, createWithVector)
    const places = [from.path, database.url, back.path]
    for (const [index, source] of places.slice(0, -1).entries()) {
      const target = places[index + 1] ?? ''
      await copyUntilKilled(source, target, 'conversations')
      await expectRefused(openStore({ location: target }), 'storage_partial_copy')
      const { tables } = await copyDatabase({ from: source, to: target })
      expect(tables.find(({ table }) => table === 'blocks')).toMatchObject({ copied: 0 })
      expect(tables.find(({ table }) => table === 'vectors')).toMatchObject({ rows: 1, copied: 1 })
    }
    const digests = places.map(async (place) => await digestTenant(place, world.scope.tenantId))
    const [original, ...copies] = await Promise.all(digests)
    expect(copies).toEqual([original, original])
    await Promise.all([from.remove(), back.remove()])
  }, 60_000)

  it('puts right what differs in half a copy, and only tells it of a whole one', async () => {
    const from = await createTemporaryFolder()
    await using database = await createTestDatabase()
    const places = { from: from.path, to: database.url }
    await onStore(from.path, async (store) => createCanary(new World(store)))
    const interrupted = copyDatabase({
      ...places,
      onTable: ({ table }) => {
        if (table === 'blocks') throw new Error('interrupted')
      },
    })
    await expect(interrupted).rejects.toThrow('interrupted')
    await expectRefused(copyDatabase({ ...places, verifyOnly: true }), 'storage_partial_copy')
    await execute(database.url, `UPDATE blocks SET value = 'changed'`)
    const { tables } = await copyDatabase(places)
    const blocks = tables.find(({ table }) => table === 'blocks')
    expect(blocks).toMatchObject({ copied: blocks?.rows, removed: blocks?.rows })
    const verified = await copyDatabase({ ...places, verifyOnly: true })
    expect(verified.tables.map(({ checksum }) => checksum)).toEqual(
      tables.map(({ checksum }) => checksum),
    )
    await execute(database.url, `UPDATE blocks SET value = 'changed'`)
    await expectRefused(copyDatabase({ ...places, verifyOnly: true }), 'conflict')
    await expectRefused(copyDatabase(places), 'conflict')
    expect(await queryRows(database.url, 'SELECT DISTINCT value FROM blocks')).toEqual([
      { value: 'changed' },
    ])
    await from.remove()
  })
})
