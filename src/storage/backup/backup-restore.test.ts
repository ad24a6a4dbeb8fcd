import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addVector, createCanary, dump } from '../conformance/canary.ts'
import { forgetWrite, ownersOf } from '../conformance/forget-samples.ts'
import { digestTenant } from '../conformance/tenant-rows.ts'
import { createTemporaryFolder, type TemporaryFolder } from '../conformance/temporary-folder.ts'
import { World } from '../conformance/world.ts'
import { Connection } from '../embedded/connection.ts'
import { openStore } from '../open-store.ts'
import { backupDatabase } from './backup-database.ts'
import { restoreDatabase } from './restore-database.ts'

let folder: TemporaryFolder
let other: TemporaryFolder

beforeEach(async () => {
  folder = await createTemporaryFolder()
  other = await createTemporaryFolder()
})

afterEach(async () => {
  await Promise.all([folder.remove(), other.remove()])
})

describe('backupDatabase() and restoreDatabase()', () => {
  it('bring back everything that was stored when the backup began, while others write', async () => {
    const store = await openStore({ location: folder.path, host: 'worker' })
    const world = new World(store)
    const canary = await createCanary(world)
    await addVector(canary)
    const before = await dump(canary)
    const { tenantId } = world.scope
    const rows = await digestTenant(folder.path, tenantId)
    const writer = new World(store)
    const agent = await writer.agent()
    const writing = Array.from({ length: 50 }, (_, index) => writer.say(agent, `later ${index}`))
    const file = join(other.path, 'backup.db')
    const report = backupDatabase({ folder: folder.path, file })
    await Promise.all(writing)
    await store.close()
    expect(report.databaseId).toBe(store.description.databaseId)
    expect(statSync(file).mode & 0o777).toBe(0o600)

    const target = join(other.path, 'home')
    const restored = restoreDatabase({ folder: target, file, now: 0 })
    expect(restored).toMatchObject({ kept: null, databaseId: report.databaseId })
    const again = await openStore({ location: target })
    const copy = Object.assign(Object.create(world), { store: again }) as World
    expect(await dump({ ...canary, world: copy })).toBe(before)
    expect(await digestTenant(target, tenantId)).toEqual(rows)
    expect(rows.get('vectors')).toMatch(/^1 rows /)
    expect(await copy.found(canary.agent, 'canary')).not.toHaveLength(0)
    await again.close()
    expect(readdirSync(other.path).toSorted()).toEqual(['backup.db', 'home'])
  })

  it('keep the database that was there, and nothing of its log comes into the restored one', async () => {
    const file = join(other.path, 'backup.db')
    const store = await openStore({ location: folder.path })
    const world = new World(store)
    const agent = await world.agent({ name: 'first' })
    backupDatabase({ folder: folder.path, file })
    await store.updateAgent(world.scope, {
      id: agent.id,
      at: 1,
      updatedById: world.scope.userId,
      set: { name: 'second' },
    })
    expect(() => restoreDatabase({ folder: folder.path, file, now: 0 })).toThrow(/has it open/)
    await store.close()
    const { kept } = restoreDatabase({ folder: folder.path, file, now: 0 })
    const nameIn = async (location: string): Promise<string> => {
      const opened = await openStore({ location })
      const { name } = await opened.getAgent(world.scope, { id: agent.id })
      await opened.close()
      return name
    }
    expect(await nameIn(folder.path)).toBe('first')
    restoreDatabase({ folder: folder.path, file: kept ?? '', now: 0 })
    expect(await nameIn(folder.path)).toBe('second')
  })

  it('name the receipts of what was forgotten since the backup, as that may be back', async () => {
    const store = await openStore({ location: folder.path })
    const world = new World(store)
    const owners = ownersOf((await world.agent()).id)
    const forget = async (): Promise<string> =>
      (await store.applyForget(world.scope, forgetWrite(world, { owners, mark: null }))).id
    await forget()
    const file = join(other.path, 'backup.db')
    backupDatabase({ folder: folder.path, file })
    const later = [await forget(), await forget()]
    await store.close()
    const { undone, kept } = restoreDatabase({ folder: folder.path, file, now: 0 })
    expect(undone).toEqual(later)
    expect(restoreDatabase({ folder: folder.path, file: kept ?? '', now: 0 }).undone).toEqual([])
    expect(restoreDatabase({ folder: join(other.path, 'new'), file, now: 0 }).undone).toEqual([])
  })

  it.each([
    ['whose pages are damaged', (bytes: Buffer) => bytes.fill(0xa5, 4096)],
    ['that is no database any more', (bytes: Buffer) => bytes.fill(0xa5)],
  ])('put a backup in the place of a file %s, which is kept as it is', async (_, damage) => {
    const file = join(other.path, 'backup.db')
    const store = await openStore({ location: folder.path })
    const world = new World(store)
    const { id } = await world.agent()
    await store.close()
    backupDatabase({ folder: folder.path, file })
    const present = join(folder.path, 'letta.db')
    const damaged = damage(readFileSync(present))
    writeFileSync(present, damaged)
    const {
      kept,
      undone,
      damaged: isDamaged,
    } = restoreDatabase({ folder: folder.path, file, now: 0 })
    expect({ undone, isDamaged }).toEqual({ undone: [], isDamaged: true })
    expect(readFileSync(kept ?? '').equals(damaged)).toBe(true)
    const again = await openStore({ location: folder.path })
    expect(await again.getAgent(world.scope, { id })).toMatchObject({ id })
    await again.close()
  })

  it.each(['emptied', 'removed'])(
    'put a backup in the place of a file that was %s, and not under the log it left',
    async (how) => {
      const file = join(other.path, 'backup.db')
      const target = join(other.path, 'home')
      const place = join(target, 'letta.db')
      // The log of a program that was killed, and the backup of another database.
      const store = await openStore({ location: folder.path })
      await new World(store).agent()
      mkdirSync(target)
      copyFileSync(join(folder.path, 'letta.db'), place)
      copyFileSync(join(folder.path, 'letta.db-wal'), `${place}-wal`)
      await store.close()
      const log = readFileSync(`${place}-wal`)
      const backedUp = join(other.path, 'other')
      const source = await openStore({ location: backedUp })
      const world = new World(source)
      const { id } = await world.agent()
      await source.close()
      backupDatabase({ folder: backedUp, file })
      if (how === 'removed') rmSync(place)
      else truncateSync(place)
      const { kept, damaged } = restoreDatabase({ folder: target, file, now: 0 })
      expect(damaged).toBe(true)
      expect(readFileSync(`${kept}-wal`).equals(log)).toBe(true)
      const again = await openStore({ location: target })
      expect(await again.getAgent(world.scope, { id })).toMatchObject({ id })
      await again.close()
    },
  )

  it('bring back what is in the log beside a database file that was copied as it was', async () => {
    const store = await openStore({ location: folder.path })
    const world = new World(store)
    const { id } = await world.agent()
    const file = join(other.path, 'letta.db')
    for (const suffix of ['', '-wal']) {
      copyFileSync(join(folder.path, `letta.db${suffix}`), file + suffix)
    }
    await store.close()
    const target = join(other.path, 'home')
    restoreDatabase({ folder: target, file, now: 0 })
    const again = await openStore({ location: target })
    expect(await again.getAgent(world.scope, { id })).toMatchObject({ id })
    await again.close()
  })

  it('name the file that is empty, and take no backup of a database that was lost', async () => {
    const file = join(other.path, 'backup.db')
    writeFileSync(file, '')
    await (await openStore({ location: folder.path })).close()
    expect(() => restoreDatabase({ folder: folder.path, file, now: 0 })).toThrow(
      `Cannot use ${file} as a database: it is empty, or another program made it. `,
    )
    writeFileSync(join(folder.path, 'secret.key'), '0'.repeat(64))
    truncateSync(join(folder.path, 'letta.db'))
    const taken = join(other.path, 'taken.db')
    expect(() => backupDatabase({ folder: folder.path, file: taken })).toThrow(/used before/)
    expect(existsSync(taken)).toBe(false)
  })

  it('say in one sentence what is wrong with a backup that was altered', async () => {
    const file = join(other.path, 'backup.db')
    const store = await openStore({ location: folder.path })
    await new World(store).agent()
    await store.close()
    backupDatabase({ folder: folder.path, file })
    const altered = join(other.path, 'altered.db')
    writeFileSync(
      altered,
      Buffer.concat([readFileSync(file).subarray(0, 8192), Buffer.alloc(40_960, 'X')]),
    )
    const restoring = (): unknown => restoreDatabase({ folder: folder.path, file: altered, now: 0 })
    expect(restoring).toThrow(
      expect.objectContaining({
        code: 'storage_corrupt',
        message: expect.stringMatching(
          /^Cannot use \S+altered\.db as a database: [^\n]+\. [^\n]+\.$/,
        ),
      }),
    )
  })

  it('remove what a restoring left that was killed', async () => {
    const file = join(other.path, 'backup.db')
    await (await openStore({ location: folder.path })).close()
    backupDatabase({ folder: folder.path, file })
    const left = join(folder.path, 'letta.db.0123abcd.part')
    writeFileSync(left, 'what was in another backup')
    restoreDatabase({ folder: folder.path, file, now: 0 })
    expect(readdirSync(folder.path).filter((name) => name.includes('.part'))).toEqual([])
  })

  it('refuse a backup of a newer program, and leave what is there', async () => {
    const file = join(other.path, 'backup.db')
    const store = await openStore({ location: folder.path })
    const world = new World(store)
    const { id } = await world.agent()
    await store.close()
    backupDatabase({ folder: folder.path, file })
    const connection = new Connection(file)
    connection.run(`INSERT INTO migrations (number, name, applied_at) VALUES (999, 'later', 0)`)
    connection.close()
    expect(() => restoreDatabase({ folder: folder.path, file, now: 0 })).toThrow(
      expect.objectContaining({ code: 'storage_newer' }),
    )
    const again = await openStore({ location: folder.path })
    expect((await again.getAgent(world.scope, { id })).id).toBe(id)
    await again.close()
    expect(readdirSync(folder.path)).not.toContain('backups')
  })

  it('refuse a file that is no database, one that exists and a folder without one', async () => {
    const file = join(other.path, 'notes.txt')
    writeFileSync(file, 'not a database at all, but long enough to be read as one'.repeat(50))
    await (await openStore({ location: folder.path })).close()
    expect(() => restoreDatabase({ folder: folder.path, file, now: 0 })).toThrow(/as a database/)
    expect(() => backupDatabase({ folder: folder.path, file })).toThrow(/a file of that name/)
    expect(() => backupDatabase({ folder: other.path, file: `${file}.db` })).toThrow(/none yet/)
    expect(() => restoreDatabase({ folder: folder.path, file: `${file}.db`, now: 0 })).toThrow(
      /no such file/,
    )
    expect(() => restoreDatabase({ folder: folder.path, file: other.path, now: 0 })).toThrow(
      /is a folder/,
    )
    await (await openStore({ location: folder.path })).close()
  })
})
