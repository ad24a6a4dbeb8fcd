import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { expectRefused } from '../conformance/conformance-case.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'
import type { StoreHooks } from '../store-options.ts'
import { toStorageError } from './sqlite-error.ts'

/** An error of the driver with the code that a failed fsync has. */
function fsyncFailure(): Error {
  return Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 1034 })
}

/** The error of a database that may not grow any more. */
function fullFailure(): unknown {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE t (x); PRAGMA max_page_count = 2')
  return thrownBy(() => database.exec(`INSERT INTO t VALUES (zeroblob(100000))`))
}

function readOnlyFailure(): unknown {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE t (x); PRAGMA query_only = ON')
  return thrownBy(() => database.exec('INSERT INTO t VALUES (1)'))
}

function thrownBy(action: () => void): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  throw new Error('Nothing was thrown')
}

/** A world whose next commits throw what `failures` holds. */
async function failingWorld(failures: unknown[]): Promise<World> {
  const hooks: StoreHooks = {
    beforeCommit() {
      const failure = failures.shift()
      if (failure instanceof Error) throw failure
    },
  }
  return new World(await openStore({ location: ':memory:', hooks }))
}

describe('toStorageError()', () => {
  it('names what happened to the file by a code', () => {
    const system = (code: string): Error => Object.assign(new Error(code), { code })
    const codes = [
      [fullFailure(), 'storage_full'],
      [system('ENOSPC'), 'storage_full'],
      [readOnlyFailure(), 'storage_read_only'],
      [system('EROFS'), 'storage_read_only'],
      [system('EACCES'), 'storage_read_only'],
      [fsyncFailure(), 'storage_failed'],
      [new Error('else'), 'storage_failed'],
      ['text', 'storage_failed'],
    ] as const
    for (const [error, code] of codes) {
      expect(toStorageError(error, '/data')).toMatchObject({
        code,
        message: expect.stringMatching(/^Cannot use the database \/data: .+\. .+\.$/),
        cause: error,
      })
    }
  })
})

describe('a commit that fails', () => {
  it('fails everything that shares it, and the next one works', async () => {
    const failures: unknown[] = []
    const world = await failingWorld(failures)
    const block = await world.block()
    failures.push(fullFailure())
    const change = { id: block.id, at: 1, cause: world.cause, set: { value: 'lost' } }
    const results = await Promise.allSettled([
      world.block(),
      world.store.updateBlock(world.scope, change),
    ])
    expect(results).toMatchObject([
      { status: 'rejected', reason: { code: 'storage_full' } },
      { status: 'rejected', reason: { code: 'storage_full' } },
    ])
    expect(await world.store.getBlock(world.scope, { id: block.id })).toEqual(block)
    await world.store.updateBlock(world.scope, { ...change, set: { value: 'kept' } })
    await world.store.close()
  })

  it('ends all writing when it was the disk that failed, because nothing it said can be trusted', async () => {
    const failures: unknown[] = []
    const world = await failingWorld(failures)
    const block = await world.block()
    failures.push(fsyncFailure())
    await expectRefused(world.block(), 'storage_disk_failed')
    await expectRefused(world.block(), 'storage_disk_failed')
    await expectRefused(Promise.all([world.block(), world.agent()]), 'storage_disk_failed')
    expect(await world.store.getBlock(world.scope, { id: block.id })).toEqual(block)
    const page = { limit: 9, order: 'asc' } as const
    expect(await world.store.listBlocks(world.scope, { filter: {}, page })).toHaveLength(1)
    await world.store.close()
  })
})

describe('a database file that is removed or replaced while it is open', () => {
  it.each(['inline', 'worker'] as const)('refuses all further writes (%s)', async (host) => {
    const folder = mkdtempSync(join(tmpdir(), 'letta-gone-'))
    const world = new World(await openStore({ location: folder, host }))
    await world.agent()
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true })
    const code = async (): Promise<unknown> =>
      await world.agent().then(
        () => 'stored',
        (error: { code: string }) => error.code,
      )
    await expect.poll(code, { interval: 5, timeout: 500 }).toBe('storage_gone')
    writeFileSync(join(folder, 'letta.db'), '')
    await expect(world.agent()).rejects.toMatchObject({ code: 'storage_gone' })
    await world.store.close()
    rmSync(folder, { recursive: true })
  })
})
