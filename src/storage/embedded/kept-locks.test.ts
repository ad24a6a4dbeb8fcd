import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTemporaryFolder, type TemporaryFolder } from '../conformance/temporary-folder.ts'
import { World } from '../conformance/world.ts'
import { openStore } from '../open-store.ts'

const hosts = ['inline', 'worker'] as const

let folder: TemporaryFolder

beforeEach(async () => {
  folder = await createTemporaryFolder()
})

afterEach(async () => {
  await folder.remove()
})

/** Another process that reads the blocks and ends: the last one to do so empties the log into the file and removes it. */
function readElsewhere(): readonly string[] {
  const script = `const { DatabaseSync } = require('node:sqlite')
    const database = new DatabaseSync(${JSON.stringify(join(folder.path, 'letta.db'))})
    const rows = database.prepare('SELECT id FROM blocks').all()
    database.close()
    process.stdout.write(JSON.stringify(rows.map(({ id }) => id)))`
  // Node's standard error says that its SQLite is young.
  const stdio = ['ignore', 'pipe', 'ignore'] as const
  const said = execFileSync(process.execPath, ['-e', script], { stdio: [...stdio] })
  return JSON.parse(said.toString()) as string[]
}

describe.each(hosts)('what the %s host of a store acknowledges', (host) => {
  it('outlives another process after the folder was searched for what was forgotten', async () => {
    const store = await openStore({ location: folder.path, host })
    const world = new World(store)
    const before = await world.block()
    await store.purge({ texts: ['heron'] })
    expect(readElsewhere()).toEqual([before.id])
    const after = await world.block()
    expect(readElsewhere()).toEqual(expect.arrayContaining([before.id, after.id]))
    await store.close()
  })
})
