import { existsSync, statSync } from 'node:fs'
import { appendFile, copyFile, mkdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectRefused } from '../conformance/conformance-case.ts'
import { createTemporaryFolder, type TemporaryFolder } from '../conformance/temporary-folder.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'

/** Less than the smallest page of a database, in bytes. */
const part = 100

let folder: TemporaryFolder
let file: string

beforeEach(async () => {
  folder = await createTemporaryFolder()
  file = join(folder.path, 'letta.db')
})

afterEach(async () => {
  await folder.remove()
})

/** Opens a folder, keeps something in it and ends; resolves with the version of what was kept. */
async function useFolder(location = folder.path): Promise<number> {
  const store = await openStore({ location })
  const { version } = await new World(store).block()
  await store.close()
  return version
}

/** A folder as a program leaves it that was killed, in another place: its log holds what was stored last. */
async function copyUnended(to: string): Promise<void> {
  const store = await openStore({ location: folder.path })
  await new World(store).block()
  await mkdir(to)
  for (const name of ['letta.db', 'letta.db-wal']) {
    await copyFile(join(folder.path, name), join(to, name))
  }
  await store.close()
}

describe('openStore() on a folder whose database was lost', () => {
  it('refuses a file that was emptied after the folder was used, and leaves it as it is', async () => {
    await useFolder()
    await writeFile(join(folder.path, 'secret.key'), '0'.repeat(64))
    await truncate(file, 0)
    await expectRefused(openStore({ location: folder.path }), 'storage_corrupt')
    await expectRefused(openStore({ location: folder.path, host: 'worker' }), 'storage_corrupt')
    expect(statSync(file).size).toBe(0)
  })

  it('begins with an empty file in a folder that was never used', async () => {
    await writeFile(file, '')
    expect(await useFolder()).toBe(1)
  })

  it('begins anew where the database was moved away', async () => {
    await useFolder()
    await writeFile(join(folder.path, 'secret.key'), '0'.repeat(64))
    await rm(file)
    expect(await useFolder()).toBe(1)
  })

  it.each(['removed', 'emptied'])(
    'refuses a log whose database was %s, and keeps the log',
    async (how) => {
      const place = join(folder.path, 'copy')
      await copyUnended(place)
      await (how === 'removed' ? rm(join(place, 'letta.db')) : truncate(join(place, 'letta.db'), 0))
      const log = join(place, 'letta.db-wal')
      const { size } = statSync(log)
      await expectRefused(openStore({ location: place }), 'storage_corrupt')
      expect(statSync(log).size).toBe(size)
      expect(existsSync(join(place, 'letta.db'))).toBe(how === 'emptied')
    },
  )

  it('refuses a file that ends within a page', async () => {
    await useFolder()
    await truncate(file, statSync(file).size - part)
    const { size } = statSync(file)
    await expectRefused(openStore({ location: folder.path }), 'storage_corrupt')
    expect(statSync(file).size).toBe(size)
  })

  it('takes a file that ends within a page when the log has what is missing', async () => {
    const place = join(folder.path, 'copy')
    await copyUnended(place)
    await appendFile(join(place, 'letta.db'), Buffer.alloc(part))
    expect(await useFolder(place)).toBe(1)
  })
})
