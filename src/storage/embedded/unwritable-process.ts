import { execFileSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isAppError } from '../../errors/app-error.ts'
import { backupDatabase } from '../backup/backup-database.ts'
import { World } from '../conformance/world.ts'
import { copyDatabase } from '../copy/copy-database.ts'
import { openStore } from '../open-store.ts'

// A program for tests, in name spaces of its own: mounts a small disk, keeps something on it, fills it or makes it read-only, and
// prints what can be done with it then. Arguments: where to mount it, a folder on another disk, `full` or `read-only`.
const [place = '', elsewhere = '', state = ''] = process.argv.slice(2)
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', place])
const location = join(place, 'home')
const store = await openStore({ location })
const { scope } = new World(store)
const world = new World(store, scope)
const agent = await world.agent()
await world.say(agent, 'the heron is grey')
await store.close()
if (state === 'full') fill(join(place, 'filler'))
else execFileSync('mount', ['-o', 'remount,ro', place])

const opened = await openStore({ location })
const again = new World(opened, scope)
const held = {
  found: (await again.found(agent, 'heron')).length,
  write: await codeOf(again.block()),
  purge: await codeOf(opened.purge({ texts: null })),
}
await opened.close()
const closed = {
  server: await codeOf(openStore({ location, host: 'worker' })),
  backup: backupDatabase({ folder: location, file: join(elsewhere, 'backup.db') }).bytes > 0,
  copied: (await copyDatabase({ from: location, to: join(elsewhere, 'copy') })).tables.length > 0,
}
process.stdout.write(JSON.stringify({ ...held, ...closed }))

function fill(file: string): void {
  const descriptor = openSync(file, 'a')
  for (let size = 1 << 20; size >= 1; size /= 2) {
    try {
      for (;;) if (writeSync(descriptor, Buffer.alloc(size)) < size) break
    } catch {
      // Smaller pieces may still have room.
    }
  }
  closeSync(descriptor)
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    return isAppError(error) ? error.code : String(error)
  }
}
