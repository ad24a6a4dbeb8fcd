import { execFile, execFileSync } from 'node:child_process'
import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createTemporaryFolder } from '../conformance/temporary-folder.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'
import { connectToRead } from './connect-to-read.ts'

const program = fileURLToPath(new URL('./unwritable-process.ts', import.meta.url))

/** What runs a program where it may mount a disk that nobody else sees; null where the system does not let us. */
const mounting = findMounting()

function findMounting(): readonly string[] | null {
  const flags = process.getuid?.() === 0 ? '-m' : '-rm'
  const probe = 'mkdir -p "$0" && mount -t tmpfs tmpfs "$0"'
  try {
    execFileSync('unshare', [flags, 'sh', '-c', probe, '/tmp'], { stdio: 'ignore' })
    return ['unshare', flags]
  } catch {
    return null
  }
}

describe.skipIf(mounting === null)('a data folder', () => {
  it.each([
    ['full', 'storage_full'],
    ['read-only', 'storage_read_only'],
  ])(
    'on a disk that is %s is read, searched, backed up and copied, and not written',
    async (state, code) => {
      const folder = await createTemporaryFolder()
      const [place, elsewhere] = [join(folder.path, 'disk'), join(folder.path, 'elsewhere')]
      await Promise.all([mkdir(place), mkdir(elsewhere)])
      const [command = '', ...flags] = mounting ?? []
      const run = [...flags, process.execPath, program, place, elsewhere, state]
      const { stdout } = await promisify(execFile)(command, run)
      expect(JSON.parse(stdout)).toEqual({
        found: 1,
        write: code,
        purge: code,
        server: code,
        backup: true,
        copied: true,
      })
      await folder.remove()
    },
    30_000,
  )
})

describe('connectToRead()', () => {
  it('reads what is only in the log, where the file that connections share cannot be made', async () => {
    const folder = await createTemporaryFolder()
    const store = await openStore({ location: folder.path })
    const { id } = await new World(store).block()
    const file = join(folder.path, 'letta.db')
    const copy = join(folder.path, 'copy.db')
    await Promise.all(['', '-wal'].map((end) => copyFile(file + end, copy + end)))
    await store.close()
    await mkdir(`${copy}-shm`)
    const connection = connectToRead(copy, {})
    expect(connection.get('SELECT id FROM blocks WHERE id = ?', id)).toEqual([id])
    connection.close()
    await folder.remove()
  })
})
